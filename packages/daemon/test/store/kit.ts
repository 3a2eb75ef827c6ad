import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@puffo/base';
import type { Admission, InboxMessage } from '@puffo/agent';
import type { OutgoingContent } from '@puffo/client';
import type { ChannelId, EnvelopeId, Slug, SpaceId } from '@puffo/protocol';
import { type AgentStore, openAgentStore } from '../../src/store/agent-store.ts';
import type { NewHistoryMessage } from '../../src/store/history-message.ts';
import type { Arrival } from '../../src/store/inbox-row.ts';
import type { Turn } from '../../src/store/turns.ts';

export const NOW = 1_800_000_000_000;
export const ALICE = 'alice-3d3d' as Slug;
export const CHANNEL = 'ch_general' as ChannelId;
export const SPACE = 'sp_home' as SpaceId;
export const LIMITS = { maxMessages: 10, maxBytes: 10_000 };

export interface Folder extends AsyncDisposable {
  readonly path: string;
}

export async function makeFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'puffo-store-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface TestStore extends AsyncDisposable {
  readonly path: string;
  /** The one that is open. */
  readonly store: AgentStore;
  readonly clock: { now: number };
  reopen(): Promise<AgentStore>;
}

export async function openStore(): Promise<TestStore> {
  const folder = await makeFolder();
  const path = join(folder.path, 'agent', 'puffo-agent.db');
  const clock = { now: NOW };
  const random = seededRandom(1);
  const open = () => openAgentStore(path, { clock: () => clock.now, random });
  let store = await open();
  return {
    path,
    clock,
    get store() {
      return store;
    },
    async reopen() {
      await store[Symbol.asyncDispose]();
      store = await open();
      return store;
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export function idOf(name: string | number): EnvelopeId {
  return `msg_${name}` as EnvelopeId;
}

const TURN: Admission = { kind: 'turn', band: 1 };
export const CONTEXT: Admission = { kind: 'context', why: 'trigger-off' };

export function arrivalOf(
  seq: number,
  { admission = TURN, replayKey = `replay ${seq}`, ...changes }: ArrivalChanges = {},
): Arrival {
  return {
    message: {
      envelopeId: idOf(seq),
      seq,
      conversation: { kind: 'channel', spaceId: SPACE, channelId: CHANNEL },
      threadRootId: null,
      senderSlug: ALICE,
      senderType: 'human',
      isFromOperator: false,
      text: `text ${seq}`,
      sentAt: NOW - 1000 + seq,
      ...changes,
    },
    attachments: [{ name: `file ${seq}` }],
    replayKey,
    admission,
  };
}

type ArrivalChanges = Partial<InboxMessage> & {
  readonly admission?: Admission;
  readonly replayKey?: string;
};

export function replyOf(text: string): OutgoingContent {
  return {
    route: { kind: 'channel', spaceId: SPACE, channelId: CHANNEL },
    contentType: 'text/plain',
    content: text,
    threadRootId: null,
    replyToId: idOf(1),
    isVisibleToHuman: true,
  };
}

/** Records what waits, and begins a turn of it. */
export async function beginTurnOf(store: AgentStore, seqs: readonly number[]): Promise<Turn> {
  await store.record(seqs.map((seq) => arrivalOf(seq)));
  const turn = await store.beginTurn(seqs.map(idOf));
  if (turn === undefined) throw new Error('the turn did not begin');
  return turn;
}

export async function statesOf(store: AgentStore, seqs: readonly number[]): Promise<readonly (string | undefined)[]> {
  return Promise.all(seqs.map(async (seq) => (await store.find(idOf(seq)))?.state));
}

export function historyOf(envelopeId: string, changes: Partial<NewHistoryMessage> = {}): NewHistoryMessage {
  return {
    envelopeId,
    envelopeKind: 'channel',
    senderSlug: ALICE,
    channelId: CHANNEL,
    spaceId: SPACE,
    recipientSlug: null,
    contentType: 'text/plain',
    content: `content of ${envelopeId}`,
    sentAt: NOW,
    threadRootId: null,
    replyToId: null,
    ...changes,
  };
}

export const DIRECT = { envelopeKind: 'dm', channelId: null, spaceId: null } as const;
