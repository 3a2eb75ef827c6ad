// A server, a reader and everything that may go wrong between them, in every order that a random walk finds.
import { describe, expect, test } from 'vitest';
import { type JsonObject, seededRandom } from '@puffo/base';
import type { EnvelopeId } from '@puffo/protocol';
import { createMailbox, createMemoryMailboxStore, type Inbound, type Mailbox } from '../src/index.ts';
import { createFakeTime, settle } from './mailbox-kit/fake-time.ts';
import { alice, bob, from, me } from './mailbox-kit/mailbox-setup.ts';
import {
  away,
  changed,
  createFakeConnection,
  createFakeDirectory,
  createFakeServer,
  deviceOf,
  idOf,
  NOW,
  quiet,
} from './mailbox-kit/mailbox-world.ts';

const WINDOW = 10;
const STEPS = 150;

interface Run {
  readonly mailbox: Mailbox;
  readonly connection: ReturnType<typeof createFakeConnection>;
  /** Handed over in this run, in order. */
  readonly handed: Inbound[];
  readonly unacknowledged: Inbound[];
  /** Given to the current connection. */
  pushed: Set<EnvelopeId>;
  /** How many more the reader takes. */
  wanted: number;
}

async function walk(seed: number, { isCalm }: { readonly isCalm: boolean }) {
  const random = seededRandom(seed);
  const draw = (count: number) => (random.bytes(1)[0] ?? 0) % count;
  const time = createFakeTime(NOW);
  const server = createFakeServer();
  const directory = createFakeDirectory();
  for (const member of [me, alice, bob]) directory.know(member);
  const store = createMemoryMailboxStore();
  const posted: EnvelopeId[] = [];
  const committed: EnvelopeId[] = [];
  const runs: Run[] = [];
  const ready: JsonObject[] = [];
  for (let count = 0; count < 40; count++) {
    const envelope = await from([me, alice, bob][draw(3)] ?? me, `${count}`);
    ready.push(draw(6) === 0 ? changed(envelope, { sent_at: 1 }) : envelope);
  }

  function start(): Run {
    const connection = createFakeConnection(server);
    const mailbox = createMailbox({
      http: server,
      connection,
      directory,
      keys: deviceOf(me),
      slug: me.slug,
      store,
      context: quiet(seed, time.now),
      sleep: time.sleep,
    });
    const run: Run = { mailbox, connection, handed: [], unacknowledged: [], pushed: new Set(), wanted: 0 };
    runs.push(run);
    return run;
  }

  let run = start();
  let pulling: Promise<void> | undefined;

  async function pull(current: Run) {
    const next = await current.mailbox.inbound[Symbol.asyncIterator]().next();
    if (next.done === true) return;
    current.handed.push(next.value);
    current.unacknowledged.push(next.value);
  }
  const read = () => {
    const current = run;
    pulling ??= pull(current).finally(() => (pulling = undefined));
  };
  const post = () => {
    const envelope = ready.pop();
    if (envelope !== undefined) posted.push(idOf(server.post(envelope).envelope));
  };
  const push = () => {
    if (run.connection.state !== 'open') return;
    const unacked = [...run.pushed].filter((id) => server.pending.has(id));
    const next = [...server.pending.entries()].find(([id]) => !run.pushed.has(id));
    if (next === undefined || unacked.length >= WINDOW) return;
    run.pushed.add(next[0]);
    run.connection.deliver(next[1]);
    if (draw(5) === 0) run.connection.deliver(next[1]);
  };
  const open = () => {
    if (run.connection.state === 'open') return;
    run.pushed = new Set();
    run.connection.open();
  };
  const close = () => {
    if (run.connection.state === 'open') run.connection.close();
  };
  const commit = () => {
    for (const inbound of run.unacknowledged.splice(0, 1 + draw(4))) {
      committed.push(inbound.envelopeId);
      store.commit(inbound.envelopeId, inbound.kind === 'message' ? inbound.message : undefined);
      run.mailbox.acknowledge([inbound.envelopeId]);
    }
  };
  const lose = () => {
    run.connection.isLossy = draw(2) === 0;
  };
  const fail = () => {
    if (isCalm) return;
    directory.failure = draw(3) === 0 ? away : undefined;
    server.failure = draw(3) === 0 ? away : undefined;
  };
  const restart = async () => {
    if (draw(6) > 0) return;
    await run.mailbox[Symbol.asyncDispose]();
    await pulling;
    run = start();
  };
  const wait = () => time.advance([1, 5, 100, 3000, 40_000][draw(5)] ?? 1);

  const steps: readonly (() => unknown)[] = [
    post,
    post,
    push,
    push,
    open,
    open,
    close,
    read,
    read,
    read,
    commit,
    lose,
    fail,
    restart,
    wait,
  ];
  for (let step = 0; step < STEPS; step++) {
    await steps[draw(steps.length)]?.();
    if (draw(3) === 0) await settle(1);
  }

  directory.failure = undefined;
  server.failure = undefined;
  for (let step = 0; server.pending.size + ready.length > 0 && step < 400; step++) {
    post();
    run.connection.isLossy = false;
    open();
    push();
    read();
    await settle(1);
    commit();
    await time.advance(5);
    if (step % 20 === 19) await time.advance(61_000);
  }
  await run.mailbox[Symbol.asyncDispose]();
  return { posted, committed, runs, left: server.pending.size, sleepers: time.sleepers };
}

const seeds = Array.from({ length: 40 }, (_, seed) => [seed + 1]);

describe('whatever happens in which order', () => {
  test.each(seeds)('everything is handed over once and nothing is lost (seed %i)', async (seed) => {
    const { posted, committed, runs, left, sleepers } = await walk(seed, { isCalm: false });
    expect(committed.toSorted()).toEqual(posted.toSorted());
    for (const { handed } of runs) expect(new Set(handed.map(({ envelopeId }) => envelopeId)).size).toBe(handed.length);
    expect({ left, sleepers }).toEqual({ left: 0, sleepers: 0 });
  });

  test.each(seeds)('the order is the one of the server as long as it can be asked (seed %i)', async (seed) => {
    const { posted, committed, runs } = await walk(seed, { isCalm: true });
    expect(committed.toSorted()).toEqual(posted.toSorted());
    for (const { handed } of runs) {
      const seqs = handed.map(({ seq }) => seq ?? 0);
      expect(seqs).toEqual(seqs.toSorted((left, right) => left - right));
    }
  });
});
