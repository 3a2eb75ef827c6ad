// Which of the waiting messages make the next turn. Messages are rows with a state, never a list that somebody carries
// along: whoever asks again gets the same answer. spec: runtimes 2.1
import type { EnvelopeId } from '@puffo/protocol';
import type { Band } from '../inbox/admit.ts';
import { type InboxMessage, threadKey } from '../inbox/inbox-message.ts';

export interface WaitingMessage extends InboxMessage {
  readonly band: Band;
  /** Failed turns that it was part of. */
  readonly attempts: number;
  /** ms; after a failure it waits here, off the main lane. */
  readonly notBefore: number;
}

export interface TurnPlan {
  readonly messages: readonly WaitingMessage[];
}

export interface PlanLimits {
  readonly now: number;
  /** UTF-8 bytes of texts in one turn; a single larger message goes alone. */
  readonly maxBytes: number;
  readonly maxMessages: number;
}

/**
 * The most urgent message that may run now, the older one first; with it, in order, all others of its thread that wait.
 * A message that failed before goes alone, so that it cannot take its neighbours down with it.
 */
export function planTurn(waiting: readonly WaitingMessage[], limits: PlanLimits): TurnPlan | undefined {
  const ready = waiting.filter(({ notBefore }) => notBefore <= limits.now);
  const [first] = ready.toSorted((left, right) => left.band - right.band || left.seq - right.seq);
  if (first === undefined) return undefined;
  if (first.attempts > 0) return { messages: [first] };
  const key = threadKey(first);
  const thread = ready
    .filter((message) => message.attempts === 0 && threadKey(message) === key)
    .toSorted((left, right) => left.seq - right.seq);
  return { messages: fitting(thread, { first, limits }) };
}

/** When something waits and nothing may run: the moment to ask again. */
export function nextMoment(waiting: readonly WaitingMessage[]): number | undefined {
  return waiting.length === 0 ? undefined : Math.min(...waiting.map(({ notBefore }) => notBefore));
}

/** Oldest first, and always with the one that the turn is for. */
function fitting(
  thread: readonly WaitingMessage[],
  { first, limits }: { readonly first: WaitingMessage; readonly limits: PlanLimits },
): readonly WaitingMessage[] {
  const chosen = new Set<EnvelopeId>([first.envelopeId]);
  let bytes = sizeOf(first);
  for (const message of thread) {
    if (chosen.has(message.envelopeId)) continue;
    bytes += sizeOf(message);
    if (bytes > limits.maxBytes || chosen.size >= limits.maxMessages) break;
    chosen.add(message.envelopeId);
  }
  return thread.filter(({ envelopeId }) => chosen.has(envelopeId));
}

/** At most three bytes per UTF-16 unit. */
function sizeOf({ text }: WaitingMessage): number {
  return text.length * 3;
}
