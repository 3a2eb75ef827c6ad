import { createDeferred, type Deferred } from '@puffo/base';
import { expect, test } from 'vitest';
import { createProgramKeeper } from './program-keeper.ts';

const NEVER = new AbortController().signal;

function setUp(idleMs = 0) {
  const programs: (Deferred<void> & { stops: number })[] = [];
  let failure: Error | undefined;
  const keeper = createProgramKeeper({
    idleMs,
    async start() {
      if (failure !== undefined) throw failure;
      const ended = createDeferred<void>();
      const program = { ...ended, stops: 0 };
      programs.push(program);
      return {
        ended: ended.promise,
        async stop() {
          program.stops++;
          ended.resolve();
        },
      };
    },
  });
  return {
    keeper,
    programs,
    fail(error: Error | undefined) {
      failure = error;
    },
  };
}

test('a program is started for the first who wants it, and shared by the next', async () => {
  const { keeper, programs } = setUp();
  const [one, two] = await Promise.all([keeper.use(NEVER), keeper.use(NEVER)]);
  expect(one?.program).toBe(two?.program);
  expect(programs.length).toBe(1);
});

test('a program that nobody has wanted for a while is ended, and started anew', async () => {
  const { keeper, programs } = setUp(1);
  const first = await keeper.use(NEVER);
  const second = await keeper.use(NEVER);
  first?.release();
  first?.release();
  expect(programs[0]?.stops).toBe(0);
  second?.release();
  await programs[0]?.promise;
  expect(programs[0]?.stops).toBe(1);
  const third = await keeper.use(NEVER);
  expect(third?.program).not.toBe(first?.program);
  await keeper.close();
  expect(programs[1]?.stops).toBe(1);
});

test('a program that ended by itself is started anew', async () => {
  const { keeper, programs } = setUp();
  const first = await keeper.use(NEVER);
  programs[0]?.resolve();
  await first?.program.ended;
  expect((await keeper.use(NEVER))?.program).not.toBe(first?.program);
});

test('who comes after a drop gets another program, once the first has ended', async () => {
  const { keeper, programs } = setUp();
  await keeper.use(NEVER);
  void keeper.drop();
  await keeper.use(NEVER);
  expect(programs.map(({ stops }) => stops)).toEqual([1, 0]);
});

test('a start that fails tells who waits, and is tried again by the next', async () => {
  const { keeper, fail } = setUp();
  fail(new Error('No such program'));
  await expect(keeper.use(NEVER)).rejects.toThrow('No such program');
  fail(undefined);
  expect(await keeper.use(NEVER)).toBeDefined();
});

test('who does not want it any more gets nothing, and nobody gets anything after the end', async () => {
  const { keeper } = setUp();
  expect(await keeper.use(AbortSignal.abort())).toBeUndefined();
  const abort = new AbortController();
  const using = keeper.use(abort.signal);
  abort.abort();
  expect(await using).toBeUndefined();
  await keeper.close();
  expect(await keeper.use(NEVER)).toBeUndefined();
});

test('a start that takes its time is called off when nobody wants it any more', async () => {
  const called = createDeferred<void>();
  const keeper = createProgramKeeper({
    idleMs: 0,
    start: (signal) =>
      new Promise<{ ended: Promise<void>; stop(): Promise<void> }>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('Called off')), { once: true });
        called.resolve();
      }),
  });
  const using = keeper.use(NEVER);
  await called.promise;
  const [result] = await Promise.allSettled([using, keeper.close()]);
  expect(result).toMatchObject({ status: 'rejected', reason: { message: 'Called off' } });
});
