// Sending into a channel on condition that nothing newer was said there. Readers check the answers member for member,
// so unlike others these schemas refuse what the specification does not list. spec: wire-protocol 14.2
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { countField, envelopeIdField, jsonObjectField, seqField, slugField } from './fields.ts';

const freshnessMode = z.enum(['require_current', 'send_anyway']);

const freshSendBody = z.object({
  /** Sealed, or the plaintext form of 14.4. */
  envelope: jsonObjectField,
  freshness: z.object({
    mode: freshnessMode,
    /** From where on the agent has context at all. Null: never established. */
    context_baseline_seq: countField.nullable(),
    seen_seq: countField,
  }),
});

const sentFreshness = z
  .strictObject({
    mode: freshnessMode,
    context_baseline_seq: countField,
    seen_seq: countField,
    latest_seq_before_send: countField,
  })
  .refine(isConsistent, { path: ['latest_seq_before_send'], error: 'a number that fits baseline, seen and mode' });

const sentAnswer = z
  .object({
    state: z.literal('sent'),
    envelope_id: envelopeIdField,
    seq: seqField,
    replay: z.boolean(),
    missing_devices: z.array(z.string()),
    devices_queued: countField.optional(),
    freshness: sentFreshness.optional(),
  })
  .refine(({ freshness, replay }) => freshness !== undefined || replay, {
    path: ['freshness'],
    error: 'an object, unless it is a replay',
  });

const heldAnswer = z
  .strictObject({
    state: z.literal('held'),
    envelope_id: envelopeIdField,
    context_baseline_seq: countField.nullable(),
    seen_seq: countField,
    latest_seq: seqField,
    latest_envelope_id: envelopeIdField,
    blocking_seq: seqField.optional(),
    blocking_envelope_id: envelopeIdField.optional(),
    blocking_sender_slug: slugField.optional(),
  })
  .refine(({ latest_seq, seen_seq }) => latest_seq > seen_seq, {
    path: ['latest_seq'],
    error: 'a number above seen_seq',
  })
  .refine(blocksWithTheLatest, {
    path: ['blocking_seq'],
    error: 'the latest message, with all three blocking members or none',
  });

const freshSendAnswer = z.discriminatedUnion('state', [sentAnswer, heldAnswer]);

export type FreshSendAnswer = z.output<typeof freshSendAnswer>;

export const FRESH_SEND_ENDPOINTS = [
  {
    name: 'sendFresh',
    method: 'POST',
    path: '/v2/agent-runtime/messages:send',
    auth: 'subkey',
    spec: '14.2',
    status: 200,
    maxBodyBytes: LIMITS.messageBodyBytes,
    body: freshSendBody,
    answer: freshSendAnswer,
  },
] as const satisfies readonly EndpointDefinition[];

interface SentFreshness {
  readonly mode: z.output<typeof freshnessMode>;
  readonly context_baseline_seq: number;
  readonly seen_seq: number;
  readonly latest_seq_before_send: number;
}

function isConsistent(freshness: SentFreshness): boolean {
  const { mode, context_baseline_seq, seen_seq, latest_seq_before_send } = freshness;
  const known = Math.max(context_baseline_seq, seen_seq);
  return mode === 'require_current' ? latest_seq_before_send === known : latest_seq_before_send >= known;
}

interface Blocking {
  readonly latest_seq: number;
  readonly latest_envelope_id: string;
  readonly blocking_seq?: number | undefined;
  readonly blocking_envelope_id?: string | undefined;
  readonly blocking_sender_slug?: string | undefined;
}

function blocksWithTheLatest(held: Blocking): boolean {
  const { blocking_seq, blocking_envelope_id, blocking_sender_slug } = held;
  if (blocking_seq === undefined && blocking_envelope_id === undefined && blocking_sender_slug === undefined) {
    return true;
  }
  if (blocking_sender_slug === undefined) return false;
  return blocking_seq === held.latest_seq && blocking_envelope_id === held.latest_envelope_id;
}
