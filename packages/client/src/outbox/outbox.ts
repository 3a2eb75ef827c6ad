// What leaves: recorded first, then sealed, posted until the server has it, in order per conversation. spec: wire-protocol
// 6.5, 9.22
import type { EnvelopeId } from '@puffo/protocol';
import type { OutboxRow, OutgoingContent } from './outbox-store.ts';

type Needed = 'route' | 'contentType' | 'content';

export interface OutgoingMessage extends Pick<OutgoingContent, Needed>, Partial<Omit<OutgoingContent, Needed>> {
  /** Two sends with one key are one message. */
  readonly idempotencyKey?: string | undefined;
}

export interface QueuedMessage {
  readonly envelopeId: EnvelopeId;
  /** Resolves when the server has it; fails with a `ClientError` when it never will. */
  readonly sent: Promise<SentMessage>;
}

export interface SentMessage {
  readonly envelopeId: EnvelopeId;
  readonly seq: number | undefined;
}

export interface Outbox extends AsyncDisposable {
  /** Resolves when the message is recorded. */
  send(message: OutgoingMessage): Promise<QueuedMessage>;
  /** What an earlier run left is sent from here on. */
  resume(): Promise<void>;
  /** Tries again at once what waits for a better moment; called when a connection opens. */
  flush(): void;
  /** Every change of a row. */
  onChange(listener: (row: OutboxRow) => void): () => void;
}
