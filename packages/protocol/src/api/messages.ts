// Sealed envelopes: sent, waiting, acknowledged. spec: wire-protocol 9.22 to 9.24
import { isJsonObject, type JsonObject } from '@puffo/base';
import * as z from 'zod';
import { isEnvelopeId } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { absentable, okAnswer, readableList } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { countField, envelopeIdField, jsonObjectField, seqField, slugField } from './fields.ts';

/** Every member but the echo of the id came later or is only logged. */
export const sendMessageAnswer = okAnswer.extend({
  envelope_id: absentable(envelopeIdField),
  devices_queued: absentable(countField),
  seq: absentable(seqField),
  /** Active devices of the audience that the envelope has no entry for. */
  missing_devices: absentable(z.array(z.string())),
  /** The server knew this id already. */
  replay: absentable(z.boolean()),
});

export interface Delivery {
  /** Ascending within one device's queue. Older servers leave it out. */
  readonly seq: number | undefined;
  /** Untrusted, as it came. */
  readonly envelope: JsonObject;
}

/** `{seq, envelope}`, or the bare envelope as 0.7.2 accepts it too. */
export const pendingItem = z.custom<JsonObject>(isJsonObject, { error: 'an object' }).transform((item): Delivery => {
  const seq = seqField.safeParse(item['seq']);
  const envelope = item['envelope'];
  return { seq: seq.data, envelope: isJsonObject(envelope) ? envelope : item };
});

/**
 * Ids to acknowledge. What is no envelope id is left out, as unknown ids are: one bad id must not keep a whole catch-up
 * unacknowledged. The size of the body or frame is the limit of their number.
 */
export const acknowledgedIds = z
  .custom<readonly string[]>(isStringArray, { error: 'an array of strings' })
  .transform((ids) => ids.filter(isEnvelopeId));

export const MESSAGE_ENDPOINTS = [
  {
    name: 'sendMessage',
    method: 'POST',
    path: '/messages',
    auth: 'subkey',
    spec: '9.22',
    status: 201,
    maxBodyBytes: LIMITS.messageBodyBytes,
    body: jsonObjectField,
    answer: sendMessageAnswer,
  },
  {
    name: 'listPending',
    method: 'GET',
    path: '/messages/pending',
    auth: 'device-or-subkey',
    spec: '9.23',
    status: 200,
    maxBodyBytes: 0,
    query: z.object({ kind: z.enum(['channel', 'dm']).optional(), sender: slugField.optional() }),
    answer: z.object({ messages: readableList(pendingItem) }),
  },
  {
    name: 'acknowledgeMessages',
    method: 'POST',
    path: '/messages/ack',
    auth: 'subkey',
    spec: '9.24',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: z.object({ envelope_ids: acknowledgedIds }),
    answer: okAnswer,
  },
] as const satisfies readonly EndpointDefinition[];

function isStringArray(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
