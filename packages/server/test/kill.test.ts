// What was answered with success survives SIGKILL at any moment, and arrives once.
import { join as joinPath } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonObject, seededRandom } from '@puffo/base';
import { parseChannelId, parseSpaceId, type Route } from '@puffo/protocol';
import { openSqlite } from '@puffo/sql';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { open, recipientOf, seal } from './kit/conversation.ts';
import { createServerProcess, type ServerProcess } from './kit/server-process.ts';
import { createSpace, join, signUp, type TestPerson, textOf } from './kit/test-person.ts';

const KILLS = 25;
const WRITERS = 4;
const TEST_TIMEOUT_MS = 180_000;

test(
  `${KILLS} kills: every message that was answered 2xx arrives exactly once`,
  { timeout: TEST_TIMEOUT_MS },
  async () => {
    await using server = await createServerProcess();
    await server.start();
    const alice = await signUp(server, 'alice');
    const bob = await signUp(server, 'bob');
    const place = await createSpace(alice);
    await join(alice, bob, place);
    const route: Route = {
      kind: 'channel',
      spaceId: parseSpaceId(place.spaceId),
      channelId: parseChannelId(place.channelId),
    };

    const state = { isOver: false };
    const writing = Promise.all(
      Array.from({ length: WRITERS }, (_, writer) => write({ alice, bob, route, state, name: `writer ${writer}` })),
    );
    const reading = read(bob, state);
    await killRepeatedly(server);
    state.isOver = true;
    const sent = new Map((await writing).flat());
    const received = await reading;
    await drain(bob, received);

    expect(sent.size).toBeGreaterThan(KILLS);
    const missing = [...sent].filter(([envelopeId, text]) => received.get(envelopeId) !== text);
    expect(missing).toEqual([]);
    await server.kill();
    expect(await integrityOf(server)).toBe('ok');
  },
);

async function killRepeatedly(server: ServerProcess): Promise<void> {
  const random = seededRandom(25);
  for (let kill = 0; kill < KILLS; kill++) {
    const [byte = 0] = random.bytes(1);
    await sleep(20 + byte);
    await server.kill();
    await server.start();
  }
}

interface Writing {
  readonly alice: TestPerson;
  readonly bob: TestPerson;
  readonly route: Route;
  readonly state: { readonly isOver: boolean };
  readonly name: string;
}

/** Sends one message after the other, each until it is answered, under the same id. Returns what was answered 2xx. */
async function write({ alice, bob, route, state, name }: Writing): Promise<readonly (readonly [string, string])[]> {
  const sent: [string, string][] = [];
  for (let count = 0; !state.isOver; count++) {
    const text = `${name}, message ${count}`;
    const envelope = await seal({ from: alice, to: [recipientOf(alice), recipientOf(bob)], route, text });
    const response = await insist(() => alice.call('POST', '/messages', envelope));
    expect(response).toMatchObject({ status: 201 });
    sent.push([textOf(response.body['envelope_id']), text]);
  }
  return sent;
}

/** Texts by envelope id. */
type Received = Map<string, string>;

/** Fetches and acknowledges while the server comes and goes. What comes again before its ack was answered counts once. */
async function read(bob: TestPerson, state: { readonly isOver: boolean }): Promise<Received> {
  const received: Received = new Map();
  while (!state.isOver) await readOnce(bob, received);
  return received;
}

async function drain(bob: TestPerson, received: Received): Promise<void> {
  while ((await readOnce(bob, received)) > 0);
}

async function readOnce(bob: TestPerson, received: Received): Promise<number> {
  const { body } = await insist(() => bob.call('GET', '/messages/pending'));
  const items = body['messages'] as readonly { readonly seq: number; readonly envelope: JsonObject }[];
  const ids = items.map(({ envelope }) => textOf(envelope['envelope_id']));
  expect([...new Set(ids)]).toEqual(ids);
  for (const { envelope } of items) {
    const envelopeId = textOf(envelope['envelope_id']);
    received.set(envelopeId, open(envelope, bob));
  }
  if (ids.length > 0) await insist(() => bob.call('POST', '/messages/ack', { envelope_ids: ids }));
  return ids.length;
}

/** Tries again while nobody answers. */
async function insist<Result>(call: () => Promise<Result>): Promise<Result> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt > 3000) throw error;
      await sleep(10);
    }
  }
}

async function integrityOf({ dataDir }: ServerProcess): Promise<string> {
  await using database = await openSqlite(joinPath(dataDir, 'puffo-server.db'));
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(database.db);
  return rows.map((row) => row.integrity_check).join(', ');
}
