// What arrives: pending and live messages as one stream in the server's order, each once, decrypted and proven. Nothing is
// acknowledged before the caller has committed it. spec: wire-protocol 6.7, 9.23, 9.24, 10.4 to 10.6
import type { JsonObject } from '@puffo/base';
import type { EnvelopeId, ProtocolErrorCode, Slug, VerifiedMessage } from '@puffo/protocol';

/** What the mailbox asks of the caller's own record of messages. */
export interface MailboxStore {
  /** Those of the messages that are committed: they are acknowledged again and not handed over. */
  findKnown(envelopeIds: readonly EnvelopeId[]): Promise<ReadonlySet<EnvelopeId>>;
  /** Whether another message has this `VerifiedMessage.replayKey`. */
  hasReplayKey(replayKey: string): Promise<boolean>;
}

interface InboundBase {
  readonly envelopeId: EnvelopeId;
  /** Ascending, but for what had to be held until it could be judged; `undefined` from servers that do not number. */
  readonly seq: number | undefined;
  /** As it came: kept by callers who may want to try again. */
  readonly envelope: JsonObject;
}

export type UnreadableReason = ProtocolErrorCode | 'unknown-subkey' | 'changed-root';

export type Inbound =
  | (InboundBase & { readonly kind: 'message'; readonly message: VerifiedMessage })
  /** Decrypted or not, it cannot be believed. To be recorded and acknowledged, never shown as somebody's words. */
  | (InboundBase & {
      readonly kind: 'unreadable';
      /** Claimed, not proven. */
      readonly senderSlug: Slug | undefined;
      readonly reason: UnreadableReason;
    });

export interface Mailbox extends AsyncDisposable {
  /** For one reader. Waits for it: at most as many are ahead as the server sends unacknowledged. Ends with `dispose`, and when nothing can come any more. */
  readonly inbound: AsyncIterable<Inbound>;
  /** The caller has committed these. Sent together, again after a reconnect if need be; never fails. */
  acknowledge(envelopeIds: readonly EnvelopeId[]): void;
  /** Resolves when everything that was pending when it was called has been handed over and acknowledged. */
  caughtUp(signal?: AbortSignal): Promise<void>;
}
