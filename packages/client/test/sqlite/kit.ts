// A record in a folder of its own, and messages to put into it. The record reads what a message says; that it is proven is
// the business of the mailbox.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCloser, type JsonValue, seededRandom, systemRandom } from '@puffo/base';
import {
  createChannelId,
  createEnvelopeId,
  createSpaceId,
  type EnvelopeId,
  parseSlug,
  replayKeyOf,
  type Route,
  type Slug,
  type VerifiedMessage,
} from '@puffo/protocol';
import type { Inbound, OutboxRow } from '@puffo/client';
import { type ClientDatabase, openClientDatabase } from '@puffo/client/sqlite';

const random = seededRandom(7);

export const OWN = parseSlug('me-0001');
export const ALICE = parseSlug('alice-0002');
export const BOB = parseSlug('bob-0003');
export const GENERAL: Extract<Route, { kind: 'channel' }> = {
  kind: 'channel',
  spaceId: createSpaceId(random),
  channelId: createChannelId(random),
};
export const OTHER: Extract<Route, { kind: 'channel' }> = { ...GENERAL, channelId: createChannelId(random) };
export const NOW = 1_778_400_000_000;

export interface TestRecord extends AsyncDisposable {
  readonly path: string;
  readonly folder: string;
  readonly database: ClientDatabase;
  /** A further connection, as another process has. */
  open(ownSlug?: Slug): Promise<ClientDatabase>;
  /** Closes all of them and opens the file again. */
  reopen(): Promise<ClientDatabase>;
}

export async function openRecord(): Promise<TestRecord> {
  const folder = await mkdtemp(join(tmpdir(), 'puffo-client-'));
  const path = join(folder, 'client.db');
  let closer = createCloser();
  async function open(ownSlug = OWN): Promise<ClientDatabase> {
    return closer.use(await openClientDatabase(path, { ownSlug, clock: () => NOW }));
  }
  return {
    path,
    folder,
    database: await open(),
    open,
    async reopen() {
      await closer[Symbol.asyncDispose]();
      closer = createCloser();
      return open();
    },
    async [Symbol.asyncDispose]() {
      await closer[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface TestMessage {
  readonly seq?: number | undefined;
  readonly from?: Slug;
  readonly route?: Route;
  readonly content?: JsonValue;
  readonly sentAt?: number;
  readonly nonce?: string;
  readonly envelopeId?: EnvelopeId;
  readonly threadRootId?: EnvelopeId;
}

export function messageOf(given: TestMessage = {}): Extract<Inbound, { kind: 'message' }> {
  const { seq, from = ALICE, route = GENERAL, content = 'text', sentAt = NOW, threadRootId = null } = given;
  const envelopeId = given.envelopeId ?? createEnvelopeId(systemRandom);
  const payload = {
    senderSlug: from,
    messageNonce: given.nonce ?? envelopeId,
    route,
    sentAt,
    threadRootId,
    replyToId: threadRootId,
    contentType: 'text/plain',
    content,
    isVisibleToHuman: true,
  };
  const message = { ...payload, envelopeId, replayKey: replayKeyOf(payload) } as unknown as VerifiedMessage;
  return { kind: 'message', envelopeId, seq, envelope: { envelope_id: envelopeId }, message };
}

export function unreadableOf(
  given: Pick<TestMessage, 'seq' | 'envelopeId'> = {},
): Extract<Inbound, { kind: 'unreadable' }> {
  const envelopeId = given.envelopeId ?? createEnvelopeId(systemRandom);
  const envelope = { envelope_id: envelopeId, kept: [1, { deep: null }] };
  return { kind: 'unreadable', envelopeId, seq: given.seq, envelope, senderSlug: ALICE, reason: 'signature_invalid' };
}

export function outgoing(given: Partial<OutboxRow> = {}): OutboxRow {
  return {
    envelopeId: createEnvelopeId(systemRandom),
    idempotencyKey: null,
    createdAt: NOW,
    route: GENERAL,
    contentType: 'text/plain',
    content: 'text',
    threadRootId: null,
    replyToId: null,
    isVisibleToHuman: true,
    sealed: null,
    state: 'queued',
    seq: null,
    failure: null,
    attempts: 0,
    ...given,
  };
}
