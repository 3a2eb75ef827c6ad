// A mailbox between a fake server, connection and directory, and somebody who reads it.
import { seededRandom } from '@puffo/base';
import type { ServerFrame } from '@puffo/protocol';
import {
  createMailbox,
  createMemoryMailboxStore,
  type Inbound,
  type Mailbox,
  type MailboxOptions,
} from '../../src/index.ts';
import { createFakeTime } from './fake-time.ts';
import {
  createFakeConnection,
  createFakeDirectory,
  createFakeServer,
  createMember,
  deviceOf,
  type Member,
  NOW,
  quiet,
  say,
  wordOf,
} from './mailbox-world.ts';

export const random = seededRandom(11);
export const me = createMember('me-0001', random);
export const alice = createMember('alice-0002', random);
export const bob = createMember('bob-0003', random);

const opened: AsyncDisposable[] = [];

/** After each test. */
export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((each) => each[Symbol.asyncDispose]()));
}

export const from = (member: Member, content: string) => say({ from: member, to: [me, member], random, content });

export interface Setup extends Partial<MailboxOptions> {
  readonly isLive?: boolean;
}

export function setUp({ isLive = true, ...changes }: Setup = {}) {
  const time = createFakeTime(NOW);
  const server = createFakeServer();
  const connection = createFakeConnection(server);
  const directory = createFakeDirectory();
  for (const member of [me, alice, bob]) directory.know(member);
  const store = createMemoryMailboxStore();
  const frames: ServerFrame[] = [];
  const options = {
    http: server,
    ...(isLive ? { connection } : {}),
    directory,
    keys: deviceOf(me),
    slug: me.slug,
    store,
    context: quiet(5, time.now),
    onFrame: (frame: ServerFrame) => void frames.push(frame),
    sleep: time.sleep,
    ...changes,
  };

  function open() {
    const mailbox = createMailbox(options);
    opened.push(mailbox);
    return mailbox;
  }

  return { time, server, connection, directory, store, frames, open };
}

export type World = ReturnType<typeof setUp>;

export interface Reading {
  readonly inbound: Inbound[];
  readonly words: unknown[];
  readonly ended: Promise<void>;
}

/** Commits and acknowledges each, unless it is told not to. */
export function read(mailbox: Mailbox, { store }: Pick<World, 'store'>, isAcknowledging = true): Reading {
  const inbound: Inbound[] = [];
  async function run() {
    for await (const next of mailbox.inbound) {
      inbound.push(next);
      if (!isAcknowledging) continue;
      store.commit(next.envelopeId, next.kind === 'message' ? next.message : undefined);
      mailbox.acknowledge([next.envelopeId]);
    }
  }
  return {
    inbound,
    get words() {
      return inbound.map(wordOf);
    },
    ended: run(),
  };
}
