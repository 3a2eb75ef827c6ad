// Whether a sender knows the newest message of a channel. Numbers only. spec: wire-protocol 14.2
import type { BodyOf, EndpointNamed } from '@puffo/protocol';

export type Freshness = BodyOf<EndpointNamed<'sendFresh'>>['freshness'];

/** What a sender who was answered "sent" is told; members are those of the wire. */
export interface SentFreshness extends Freshness {
  readonly context_baseline_seq: number;
  readonly latest_seq_before_send: number;
}

/** `latestSeq`: of the channel's newest message; 0: there is none. */
export function isHeld({ mode, ...known }: Freshness, latestSeq: number): boolean {
  return mode === 'require_current' && latestSeq > lastKnown(known);
}

/**
 * A sender may know of messages that were deleted since, so the newest is never reported as older than what is known:
 * readers check that.
 */
export function toSentFreshness(freshness: Freshness, latestSeq: number): SentFreshness {
  const { mode, context_baseline_seq, seen_seq } = freshness;
  const latest_seq_before_send = Math.max(latestSeq, lastKnown(freshness));
  return {
    mode,
    context_baseline_seq: context_baseline_seq ?? latest_seq_before_send,
    seen_seq,
    latest_seq_before_send,
  };
}

function lastKnown({ context_baseline_seq, seen_seq }: Omit<Freshness, 'mode'>): number {
  return Math.max(context_baseline_seq ?? 0, seen_seq);
}
