// Logs of a daemon, in real files. spec: daemon-and-cli 7.1, D-30
import { mkdir, readdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDaemonLogs, type DaemonLogs, type DaemonLogsOptions } from '../../src/logs/create-daemon-logs.ts';
import { chooseLogLevel } from '../../src/logs/log-level.ts';
import { makeTemporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';

const NOW = Date.UTC(2026, 4, 10, 12, 0, 3);

interface TestLogs extends AsyncDisposable {
  readonly logs: DaemonLogs;
  readonly temporary: TemporaryHome;
  readonly said: () => string;
  in(...names: readonly string[]): string;
  /** As objects. */
  linesOf(...names: readonly string[]): Promise<readonly unknown[]>;
}

async function openLogs(options: Partial<DaemonLogsOptions> = {}): Promise<TestLogs> {
  const temporary = await makeTemporaryHome();
  let text = '';
  const stderr = { write: (part: string) => (text += part) };
  const logs = createDaemonLogs({ home: temporary.home, clock: () => NOW, level: 'info', stderr, ...options });
  const folder = join(temporary.home.folder, 'logs');
  return {
    logs,
    temporary,
    said: () => text,
    in: (...names) => join(folder, ...names),
    async linesOf(...names) {
      const lines = (await readFile(join(folder, ...names), 'utf8')).split('\n');
      expect(lines.pop()).toBe('');
      return lines.map((line) => JSON.parse(line) as unknown);
    },
    async [Symbol.asyncDispose]() {
      await logs[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

describe('a line', () => {
  it('of the daemon is in its file, and in short on stderr', async () => {
    await using test = await openLogs();
    test.logs.logger.info('daemon-start', { pid: 12 });
    await test.logs.flush();
    expect(await test.linesOf('daemon.log')).toEqual([
      { time: '2026-05-10T12:00:03.000Z', level: 'info', event: 'daemon-start', pid: 12 },
    ]);
    expect(test.said()).toBe('12:00:03 info  daemon-start pid=12\n');
    expect(await readdir(test.in())).toEqual(['daemon.log']);
  });

  it('about an agent names it, and is in its own file too, but in no other one', async () => {
    await using test = await openLogs();
    test.logs.loggerOf('helper').warn('turn-end', { turn: 't1', agent: 'forged' });
    test.logs.loggerOf('scout').info('turn-start', { turn: 't2' });
    await test.logs.flush();
    const time = '2026-05-10T12:00:03.000Z';
    const own = { time, level: 'warn', event: 'turn-end', agent: 'helper', turn: 't1' };
    expect(await test.linesOf('agents', 'helper.log')).toEqual([own]);
    expect(await test.linesOf('agents', 'scout.log')).toHaveLength(1);
    expect(await test.linesOf('daemon.log')).toEqual([
      own,
      { time, level: 'info', event: 'turn-start', agent: 'scout', turn: 't2' },
    ]);
  });

  it.each(['../escape', 'a/b', '..', '', 'x'.repeat(65)])('about %j makes no file of that name', async (id) => {
    await using test = await openLogs();
    test.logs.loggerOf(id).info('worker-start');
    await test.logs.flush();
    expect(await test.linesOf('daemon.log')).toMatchObject([{ agent: id }]);
    expect(await readdir(test.temporary.home.folder, { recursive: true })).toEqual(['logs', 'logs/daemon.log']);
  });

  it('below the level is nowhere', async () => {
    await using test = await openLogs({ level: 'warn' });
    test.logs.loggerOf('helper').info('turn-start');
    test.logs.logger.debug('tick');
    test.logs.logger.error('failed');
    await test.logs.flush();
    expect(await test.linesOf('daemon.log')).toMatchObject([{ event: 'failed' }]);
    expect(await readdir(test.in())).toEqual(['daemon.log']);
  });

  it('holds no secret', async () => {
    await using test = await openLogs();
    test.logs.loggerOf('helper').info('engine-open', { apiKey: 'sk-1', token: 'sk-2', url: 'https://u:sk-3@host/' });
    await test.logs.flush();
    expect((await readFile(test.in('daemon.log'), 'utf8')) + test.said()).not.toContain('sk-');
  });
});

describe('the files', () => {
  it('can be read by this user only', async () => {
    await using test = await openLogs();
    test.logs.loggerOf('helper').info('turn-start');
    await test.logs.flush();
    const paths = [test.in(), test.in('agents'), test.in('daemon.log'), test.in('agents', 'helper.log')];
    const modes = await Promise.all(paths.map(async (path) => ((await stat(path)).mode & 0o777).toString(8)));
    expect(modes).toEqual(['700', '700', '600', '600']);
  });

  it('are moved aside when they have grown, and the oldest part goes', async () => {
    await using test = await openLogs({ limits: { maxFileBytes: 200 } });
    for (const turn of ['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8']) {
      test.logs.logger.info('turn-end', { turn, note: 'x'.repeat(20) });
      await test.logs.flush();
    }
    const parts = ['daemon.log.2', 'daemon.log.1', 'daemon.log'];
    expect((await readdir(test.in())).toSorted()).toEqual(parts.toSorted());
    const turns = await Promise.all(parts.map((part) => test.linesOf(part)));
    expect(turns.flat().map((line) => (line as { turn: string }).turn)).toEqual(
      ['t5', 't6', 't7', 't8'].slice(-turns.flat().length),
    );
    for (const part of parts) expect((await stat(test.in(part))).size).toBeLessThanOrEqual(200);
  });

  it('are closed while nobody logs', async () => {
    await using test = await openLogs();
    const before = (await readdir('/proc/self/fd')).length;
    for (let at = 0; at < 100; at++) test.logs.loggerOf(`agent-${at}`).info('worker-start');
    await test.logs.flush();
    expect(await readdir(test.in('agents'))).toHaveLength(100);
    expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before + 5);
  });

  it('go on behind a line that a kill has cut', async () => {
    await using test = await openLogs();
    await mkdir(test.in(), { recursive: true });
    await writeFile(test.in('daemon.log'), '{"time":"2026-');
    test.logs.logger.info('daemon-start');
    await test.logs.flush();
    const [cut, line] = (await readFile(test.in('daemon.log'), 'utf8')).split('\n');
    expect(cut).toBe('{"time":"2026-');
    expect(JSON.parse(line ?? '')).toMatchObject({ event: 'daemon-start' });
  });

  it('come back when somebody has removed them', async () => {
    await using test = await openLogs();
    test.logs.loggerOf('helper').info('first');
    await test.logs.flush();
    await rm(test.in(), { recursive: true });
    test.logs.loggerOf('helper').info('second');
    await test.logs.flush();
    expect(await test.linesOf('agents', 'helper.log')).toMatchObject([{ event: 'second' }]);
  });

  it('hold everything when the logs are closed', async () => {
    await using test = await openLogs();
    for (let at = 0; at < 1000; at++) test.logs.logger.info('tick', { at });
    await test.logs[Symbol.asyncDispose]();
    expect(await test.linesOf('daemon.log')).toHaveLength(1000);
  });
});

describe('a disk that takes nothing', () => {
  it('is reported once, what is lost is counted, and said when it works again', async () => {
    await using test = await openLogs();
    const path = test.in('daemon.log');
    await mkdir(path, { recursive: true });
    for (const event of ['one', 'two', 'three']) {
      test.logs.logger.info(event);
      await test.logs.flush();
    }
    expect(test.said().match(/Cannot write/g)).toHaveLength(1);
    expect(test.said()).toContain(`Cannot write ${path} (EISDIR)`);
    expect(test.logs.droppedLines).toBe(3);
    await rmdir(path);
    test.logs.logger.info('four');
    await test.logs.flush();
    await test.logs.flush();
    expect(await test.linesOf('daemon.log')).toMatchObject([
      { event: 'four' },
      { level: 'warn', event: 'log-lines-dropped', count: 3 },
    ]);
  });

  it('of one agent holds up no other one', async () => {
    await using test = await openLogs();
    await mkdir(test.in('agents', 'helper.log'), { recursive: true });
    test.logs.loggerOf('helper').info('one');
    test.logs.loggerOf('scout').info('two');
    await test.logs.flush();
    expect(await test.linesOf('agents', 'scout.log')).toHaveLength(1);
    expect(await test.linesOf('daemon.log')).toHaveLength(2);
  });

  it('costs no more memory than was agreed', async () => {
    await using test = await openLogs({ limits: { maxWaitingBytes: 10_000 } });
    for (let at = 0; at < 1000; at++) test.logs.logger.info('tick', { at });
    expect(test.logs.droppedLines).toBeGreaterThan(800);
    await test.logs.flush();
    expect((await stat(test.in('daemon.log'))).size).toBeLessThanOrEqual(10_000);
  });

  it('and a terminal that is gone end nobody', async () => {
    const stderr = {
      write() {
        throw new Error('EIO');
      },
    };
    await using test = await openLogs({ stderr });
    await mkdir(dirname(test.in()), { recursive: true });
    await writeFile(test.in(), 'in the way');
    expect(() => test.logs.logger.info('tick')).not.toThrow();
    await test.logs.flush();
    expect(test.logs.droppedLines).toBe(1);
  });
});

describe('the level', () => {
  it.each([
    ['of the option', { option: 'debug', environment: { PUFFO_AGENT_LOG_LEVEL: 'error' } }, 'debug'],
    ['of the variable', { option: undefined, environment: { PUFFO_AGENT_LOG_LEVEL: 'WARN' } }, 'warn'],
    ['without either', { option: undefined, environment: {} }, 'info'],
    ['with an empty variable', { option: undefined, environment: { PUFFO_AGENT_LOG_LEVEL: '' } }, 'info'],
  ])('%s is taken', (_name, sources, level) => {
    expect(chooseLogLevel(sources)).toBe(level);
  });

  it('that does not exist is refused by name', () => {
    expect(() => chooseLogLevel({ option: undefined, environment: { PUFFO_AGENT_LOG_LEVEL: 'loud' } })).toThrow(
      "Cannot use PUFFO_AGENT_LOG_LEVEL 'loud': choose one of debug, info, warn, error, silent",
    );
  });
});
