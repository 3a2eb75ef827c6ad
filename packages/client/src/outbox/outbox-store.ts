// What is to be sent, until it is. A row exists before anything leaves. spec: architecture, golden path 11 to 13
import type { JsonObject, JsonValue } from '@puffo/base';
import type { EnvelopeId, Route } from '@puffo/protocol';

/** What somebody wants to say. */
export interface OutgoingContent {
  readonly route: Route;
  readonly contentType: string;
  readonly content: JsonValue;
  readonly threadRootId: EnvelopeId | null;
  readonly replyToId: EnvelopeId | null;
  readonly isVisibleToHuman: boolean;
}

export interface OutboxRow extends OutgoingContent {
  readonly envelopeId: EnvelopeId;
  /** Two sends with one key are one. */
  readonly idempotencyKey: string | null;
  /** ms */
  readonly createdAt: number;
  /** Absent until it was sealed. The very same envelope is posted again after a failure. */
  readonly sealed: SealedRow | null;
  readonly state: 'queued' | 'sent' | 'failed';
  /** Of the server, when it is sent. */
  readonly seq: number | null;
  /** A `ClientErrorCode`, or a code of the server, when it failed for good. */
  readonly failure: string | null;
  readonly attempts: number;
}

export interface SealedRow {
  readonly envelope: JsonObject;
  /** base64url. Secret: serves devices that the server reports as missing. */
  readonly contentKey: string;
}

export interface OutboxStore {
  /** Durable when it resolves. With a known `idempotencyKey` nothing is added: returns the row that holds. */
  add(row: OutboxRow): Promise<OutboxRow>;
  update(envelopeId: EnvelopeId, change: Partial<Omit<OutboxRow, 'envelopeId'>>): Promise<void>;
  find(envelopeId: EnvelopeId): Promise<OutboxRow | undefined>;
  /** In the order in which they were added. */
  listQueued(): Promise<readonly OutboxRow[]>;
}
