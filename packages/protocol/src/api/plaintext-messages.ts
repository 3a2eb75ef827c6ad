// Messages that are signed but not sealed, and the history that a server can give of them. spec: wire-protocol 14.4
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { absentable, readableList } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import {
  channelIdField,
  checkedField,
  envelopeIdField,
  jsonObjectField,
  opaqueField,
  signatureField,
} from './fields.ts';
import { pendingItem, sendMessageAnswer } from './messages.ts';
import { parseSchema } from './parse-schema.ts';
import { pageSizeQuery } from './query-fields.ts';

/** The payload is the one of a sealed message and stays as it came, for its signature. */
const plaintextEnvelope = z.object({
  type: z.literal('plaintext_message_envelope'),
  version: z.literal(1),
  envelope_id: envelopeIdField,
  signed_payload: z.object({ payload: jsonObjectField, signature: signatureField }),
});

/** Whether the cursor is a number or text is not known; it goes back as it came. */
const cursorAnswer = absentable(checkedField(isCursor, 'a number or a string').transform(String));

export type PlaintextEnvelope = z.output<typeof plaintextEnvelope>;

export const PLAINTEXT_MESSAGE_ENDPOINTS = [
  {
    name: 'sendPlaintext',
    method: 'POST',
    path: '/v2/messages/plaintext',
    auth: 'subkey',
    spec: '14.4',
    status: 201,
    maxBodyBytes: LIMITS.messageBodyBytes,
    body: plaintextEnvelope,
    answer: sendMessageAnswer,
  },
  {
    name: 'listHistory',
    method: 'GET',
    path: '/v2/messages/history/channel/{channel_id}',
    auth: 'subkey',
    spec: '14.4',
    status: 200,
    maxBodyBytes: 0,
    params: z.object({ channel_id: channelIdField }),
    query: z.object({
      limit: pageSizeQuery.optional(),
      before: opaqueField.optional(),
      before_id: opaqueField.optional(),
    }),
    answer: z.object({
      messages: readableList(pendingItem),
      has_more: z.boolean(),
      next_before: cursorAnswer,
      next_before_id: cursorAnswer,
    }),
  },
] as const satisfies readonly EndpointDefinition[];

/** Reads a delivered envelope of this kind. Its signature is still to be verified. */
export function decodePlaintextEnvelope(value: unknown): PlaintextEnvelope {
  return parseSchema(plaintextEnvelope, value, 'plaintext envelope');
}

function isCursor(value: unknown): value is number | string {
  return typeof value === 'number' || typeof value === 'string';
}
