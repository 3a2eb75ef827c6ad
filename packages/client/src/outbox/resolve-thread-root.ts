// Which thread a reply belongs to. spec: wire-protocol 6.8
import type { EnvelopeId } from '@puffo/protocol';

/** What is known of the message that is answered; of the same conversation, which the caller has checked. */
export interface AnsweredMessage {
  readonly envelopeId: EnvelopeId;
  readonly threadRootId: EnvelopeId | null;
}

/**
 * The root of the thread that a reply to `answered` is in: there are no threads inside threads, so a message that is in one
 * lends its root.
 */
export function resolveThreadRoot({ envelopeId, threadRootId }: AnsweredMessage): EnvelopeId {
  return threadRootId ?? envelopeId;
}
