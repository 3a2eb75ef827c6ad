// What becomes of agents that fail, of `daemon.yml` while a daemon runs, and of many that start at once.
// spec: daemon-and-cli 2.7, 2.8, D-8, D-9, D-20
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createDeferred } from '@puffo/base';
import { waitFor } from '@puffo/testbed';
import { createWarmUpGate } from '../../src/supervisor/warm-up-gate.ts';
import {
  createTroupe,
  makeHomeOf,
  openStage,
  readRecord,
  type ScriptedWorker,
  waitForRecord,
  writeAgent,
  writeDaemonFile,
} from './kit.ts';

const NO_KEY = { message: 'Cannot start agent x: it has no key; set one', mayPass: true };

describe('a worker that fails', () => {
  it('is tried again after growing pauses, and complains once', async () => {
    await using temporary = await makeHomeOf('x');
    const troupe = createTroupe(() => ({ onStart: (worker) => worker.fail(NO_KEY) }));
    await using stage = await openStage({ temporary, ...troupe, isFrozen: true });
    const record = await waitForRecord(temporary, 'x', ({ status }) => status === 'error');
    expect(record).toMatchObject({ phase: 'backoff', error: NO_KEY.message });
    expect(Number(record['next_retry_at'])).toBeGreaterThan(Number(record['last_error_at']));
    for (const [index, pauseMs] of [5000, 10_000, 20_000].entries()) {
      stage.skip(pauseMs - 1);
      await stage.supervisor.reconcile();
      expect(troupe.workers).toHaveLength(index + 1);
      stage.skip(1);
      await stage.supervisor.reconcile();
      expect(troupe.workers).toHaveLength(index + 2);
    }
    expect(stage.lines.filter(({ event }) => event === 'worker-failed')).toHaveLength(1);
    expect(troupe.workers[0]?.deeds).toEqual(['fail', 'close']);
  });

  it('waits five minutes at most', async () => {
    await using temporary = await makeHomeOf('x');
    const troupe = createTroupe(() => ({ onStart: (worker) => worker.fail(NO_KEY) }));
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.settle('x', { timeoutMs: 10_000 });
    for (let round = 1; round <= 12; round++) {
      await waitFor(() => troupe.workers.at(-1)?.deeds.includes('close'), 'the end of the worker');
      stage.skip(300_000);
      await stage.supervisor.reconcile();
      expect(troupe.workers.length).toBeGreaterThan(round);
    }
  });

  it('is left alone when only its configuration can help, and tried at once when that was changed', async () => {
    await using temporary = await makeHomeOf('x');
    const failure = { message: 'Cannot connect agent x: fill in four fields', mayPass: false };
    const troupe = createTroupe(() => ({ onStart: (worker) => worker.fail(failure) }));
    await using stage = await openStage({ temporary, ...troupe });
    const agent = await stage.supervisor.settle('x', { timeoutMs: 10_000 });
    expect(agent.facts).toMatchObject({ status: 'error', error: failure.message, nextRetryAt: undefined });
    stage.skip(10_000_000);
    await stage.supervisor.reconcile();
    expect(troupe.workers).toHaveLength(1);
    await waitFor(() => troupe.workers[0]?.deeds.includes('close'), 'the end of the worker');
    await writeAgent(temporary, 'x', { displayName: 'Ann' });
    await stage.supervisor.reconcile();
    expect(troupe.workers).toHaveLength(2);
    await writeAgent(temporary, 'x', { slug: 'other' });
    await stage.supervisor.reconcile();
    expect(troupe.workers).toHaveLength(3);
  });

  it('is info only while nobody has configured the agent', async () => {
    await using temporary = await makeHomeOf();
    await writeAgent(temporary, 'x', { slug: "''" });
    const troupe = createTroupe(() => ({ onStart: (worker) => worker.fail({ ...NO_KEY, mayPass: false }) }));
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.settle('x', { timeoutMs: 10_000 });
    expect(stage.lines.filter(({ event }) => event === 'worker-failed').map(({ level }) => level)).toEqual(['info']);
  });

  it('does not take its neighbours along when it cannot even be made', async () => {
    await using temporary = await makeHomeOf('x', 'y');
    const troupe = createTroupe((id) => ({
      onStart() {
        if (id === 'x') throw new Error('no worker for you');
      },
    }));
    await using stage = await openStage({ temporary, ...troupe });
    const agent = await stage.supervisor.settle('x', { timeoutMs: 10_000 });
    expect(agent.facts).toMatchObject({ status: 'error', error: 'no worker for you', phase: 'backoff' });
    expect(troupe.alive()).toContain('y');
  });
});

describe('daemon.yml while a daemon runs', () => {
  it('makes a failed agent try again at once', async () => {
    await using temporary = await makeHomeOf('x');
    let isKeyThere = false;
    const troupe = createTroupe(() => ({ onStart: (worker) => isKeyThere || worker.fail(NO_KEY) }));
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.settle('x', { timeoutMs: 10_000 });
    isKeyThere = true;
    await writeDaemonFile(temporary, 'anthropic: { api_key: k }');
    await waitFor(() => troupe.alive().length === 1, 'the worker');
    await waitForRecord(temporary, 'x', ({ status, error }) => status === 'running' && error === '');
    expect(troupe.workers).toHaveLength(2);
  });

  it('restarts whoever inherits what has changed, and tells the others that keys are new', async () => {
    await using temporary = await makeHomeOf('a');
    await writeFile(
      temporary.home.agent('a').agentFile,
      'id: a\nruntime: { kind: chat-local, provider: openai, api_key: own, model: own }\n',
    );
    await writeAgent(temporary, 'b');
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    await writeDaemonFile(temporary, 'anthropic: { api_key: k }');
    await stage.supervisor.reconcile();
    expect(troupe.of('a').map(({ deeds }) => deeds)).toEqual([['retry']]);
    expect(troupe.of('b').map(({ deeds }) => deeds)).toEqual([['stop 30000', 'close'], []]);
  });

  it('changes nothing when it cannot be read, and says so once', async () => {
    await using temporary = await makeHomeOf('x');
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    await writeFile(temporary.home.daemonFile, 'anthropic: [');
    for (let round = 0; round < 3; round++) await stage.supervisor.reconcile();
    expect(troupe.of('x').map(({ deeds }) => deeds)).toEqual([[]]);
    expect(stage.lines.filter(({ event }) => event === 'daemon-file-problem')).toHaveLength(1);
  });

  it('says that ports need a new start', async () => {
    await using temporary = await makeHomeOf();
    await using stage = await openStage({ temporary, ...createTroupe() });
    await stage.supervisor.reconcile();
    await writeDaemonFile(temporary, 'data_service: { port: 1234 }');
    await stage.supervisor.reconcile();
    expect(stage.lines.map(({ event }) => event)).toContain('restart-needed');
  });
});

describe('many that start at once', () => {
  it('63: with N agents, warm-ups never overlap', async () => {
    await using temporary = await makeHomeOf('a', 'b', 'c', 'd');
    const steps: string[] = [];
    async function warmUp({ agentId, options }: ScriptedWorker): Promise<void> {
      await options.warmUp(async () => {
        steps.push(`begin ${agentId}`);
        // Others have every chance to begin meanwhile.
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
        steps.push(`end ${agentId}`);
      });
    }
    const troupe = createTroupe(() => ({ onStart: (worker) => void warmUp(worker) }));
    await using _stage = await openStage({ temporary, ...troupe });
    await waitFor(() => steps.length === 8, 'all warm-ups');
    expect(steps).toEqual(['a', 'b', 'c', 'd'].flatMap((id) => [`begin ${id}`, `end ${id}`]));
  });

  it('62: a stop request during warm-ups ends them at once and starts no further agent', async () => {
    await using temporary = await makeHomeOf('a', 'b', 'c');
    const never = createDeferred<void>();
    const begun: string[] = [];
    const refused: string[] = [];
    async function warmUp({ agentId, options }: ScriptedWorker): Promise<void> {
      try {
        await options.warmUp(() => {
          begun.push(agentId);
          return never.promise;
        });
      } catch {
        refused.push(agentId);
      }
    }
    const troupe = createTroupe(() => ({ onStart: (worker) => void warmUp(worker) }));
    const stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    await stage[Symbol.asyncDispose]();
    expect(begun).toEqual(['a']);
    expect(refused.toSorted()).toEqual(['b', 'c']);
    for (const id of ['a', 'b', 'c']) expect(await readRecord(temporary, id)).toMatchObject({ status: 'stopped' });
  });

  it('goes on beside a warm-up that takes too long', async () => {
    const gate = createWarmUpGate({ maxMs: 1 });
    const slow = createDeferred<string>();
    const first = gate.passFor('a').run(() => slow.promise);
    expect(await gate.passFor('b').run(() => Promise.resolve('done'))).toBe('done');
    slow.resolve('late');
    expect(await first).toBe('late');
  });

  it('lets the first id go first, forgets who gave up, and goes on after a failure', async () => {
    const gate = createWarmUpGate({ maxMs: 60_000 });
    const blocking = createDeferred<void>();
    const order: string[] = [];
    const note = (id: string) => () => {
      order.push(id);
      return id === 'b' ? Promise.reject(new Error('b fails')) : Promise.resolve();
    };
    const first = gate.passFor('z').run(() => blocking.promise);
    const cancelled = gate.passFor('a');
    const outcomes = Promise.allSettled([
      gate.passFor('c').run(note('c')),
      cancelled.run(note('a')),
      gate.passFor('b').run(note('b')),
    ]);
    cancelled.cancel();
    await expect(cancelled.run(note('a'))).rejects.toThrow('it is stopped');
    blocking.resolve();
    await first;
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(order).toEqual(['b', 'c']);
  });
});

describe('settle', () => {
  it('waits until the agent is online, failed or without a worker', async () => {
    await using temporary = await makeHomeOf('x');
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    const { supervisor } = stage;
    const starting = supervisor.settle('x', { timeoutMs: 30_000 });
    const worker = await waitFor(() => troupe.of('x')[0], 'the worker');
    worker.options.keeper.note({ phase: 'connecting' });
    worker.options.keeper.note({ phase: 'online', connectedAt: 1 });
    expect((await starting).facts).toMatchObject({ phase: 'online', connectedAt: 1 });
    const restarting =
      (await writeAgent(temporary, 'x', { model: 'm2' }), supervisor.settle('x', { timeoutMs: 30_000 }));
    const second = await waitFor(() => troupe.of('x')[1], 'the second worker');
    second.fail(NO_KEY);
    expect((await restarting).facts).toMatchObject({ status: 'error', error: NO_KEY.message });
    await writeAgent(temporary, 'x', { state: 'paused' });
    expect(await supervisor.settle('x', { timeoutMs: 30_000 })).toEqual({ id: 'x', facts: undefined });
  });

  it('gives up after its time with what it is then', async () => {
    await using temporary = await makeHomeOf('x');
    await using stage = await openStage({ temporary, ...createTroupe() });
    const agent = await stage.supervisor.settle('x', { timeoutMs: 1 });
    expect(agent.facts).toMatchObject({ phase: 'starting' });
  });

  it('ends with the supervisor', async () => {
    await using temporary = await makeHomeOf('x');
    const stage = await openStage({ temporary, ...createTroupe() });
    const settling = stage.supervisor.settle('x', { timeoutMs: 3_600_000 });
    await stage.supervisor.reconcile();
    await stage[Symbol.asyncDispose]();
    expect((await settling).id).toBe('x');
  });
});
