// Which process is the daemon, and how it is asked to stop.
import { writeFileSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readProcessArguments } from '@puffo/host';
import { stopDaemon } from '../src/operations/stop-daemon.ts';
import { claimPid, findDaemon, isDaemonCommand, releasePid } from '../src/pid/daemon-process.ts';
import { startStandIn } from './kit/start-stand-in.ts';
import { makeTemporaryHome } from './kit/temporary-home.ts';

const DAEMON = ['node', '/opt/bin/puffo-agent.mjs', 'start'];

describe('isDaemonCommand', () => {
  it.each([
    ['this program', ['/usr/bin/node', '/x/puffo-agent.mjs', 'start']],
    ['an installed script of 0.7.2', ['/usr/bin/python3', '/home/u/.local/bin/puffo-agent', 'start']],
    ['the module of 0.7.2', ['python', '-m', 'puffo_agent.portal.cli', 'start']],
    ['Windows', ['node.exe', String.raw`C:\npm\Puffo-Agent.js`, 'START']],
    ['further arguments', ['node', 'puffo-agent.mjs', 'start', '--log-level', 'debug']],
  ])('recognises %s', (_name, args) => expect(isDaemonCommand(args)).toBe(true));

  it.each([
    ['another command', ['node', '/x/puffo-agent.mjs', 'status']],
    ['another program', ['node', '/x/server.mjs', 'start']],
    ['a folder of that name', ['node', '/x/puffo-agent/server.mjs', 'start']],
    ['a longer word', ['node', '/x/puffo-agent.mjs', 'restart']],
    ['nothing', []],
  ])('does not take %s for it', (_name, args) => expect(isDaemonCommand(args)).toBe(false));
});

describe('findDaemon', () => {
  it.each(['', 'abc', '12a', '-1', '0', '99999999999'])('finds no pid in a file with %j', async (text) => {
    await using temporary = await makeTemporaryHome();
    const { home } = temporary;
    await mkdir(home.folder);
    await writeFile(home.pidFile, text);
    expect(await findDaemon(home, () => Promise.resolve(DAEMON))).toEqual({ kind: 'none' });
  });

  it('tells a daemon from a process that has its id by now', async () => {
    await using temporary = await makeTemporaryHome();
    const { home } = temporary;
    expect(await findDaemon(home, readProcessArguments)).toEqual({ kind: 'none' });
    const standIn = await startStandIn(temporary);
    expect(await findDaemon(home, readProcessArguments)).toEqual({ kind: 'alive', pid: standIn.pid });
    await standIn.kill();
    expect(await findDaemon(home, readProcessArguments)).toEqual({ kind: 'stale', pid: standIn.pid });
    await writeFile(home.pidFile, String(process.pid));
    expect(await findDaemon(home, readProcessArguments)).toEqual({ kind: 'stale', pid: process.pid });
  });
});

describe('claimPid', () => {
  it('gives a home to one of many that start at once', async () => {
    await using temporary = await makeTemporaryHome();
    const { home } = temporary;
    await mkdir(home.folder);
    const readArguments = () => Promise.resolve(DAEMON);
    const claims = await Promise.all([11, 12, 13, 14].map((pid) => claimPid(home, { pid, readArguments })));
    const claimed = claims.filter(({ kind }) => kind === 'claimed');
    expect(claimed).toHaveLength(1);
    expect(await readFile(home.pidFile, 'utf8')).toBe(String(11 + claims.findIndex(({ kind }) => kind === 'claimed')));
  });

  it('takes the place of a daemon that is gone, and lets go of its own file only', async () => {
    await using temporary = await makeTemporaryHome();
    const { home } = temporary;
    await mkdir(home.folder);
    await writeFile(home.pidFile, '11');
    const readArguments = (pid: number) => Promise.resolve(pid === 11 ? undefined : DAEMON);
    expect(await claimPid(home, { pid: 12, readArguments })).toEqual({ kind: 'claimed' });
    expect(await claimPid(home, { pid: 13, readArguments })).toEqual({ kind: 'taken', pid: 12 });
    await releasePid(home, 13);
    expect(await readFile(home.pidFile, 'utf8')).toBe('12');
    await releasePid(home, 12);
    await expect(stat(home.pidFile)).rejects.toThrow('ENOENT');
  });
});

describe('stopDaemon', () => {
  it.each([
    ['that tidies up', []],
    ['that leaves its files', ['--untidy']],
  ])('ends a daemon %s, and nothing of it is left', async (_name, options) => {
    await using temporary = await makeTemporaryHome();
    await using standIn = await startStandIn(temporary, ...options);
    const context = temporary.context({ readArguments: readProcessArguments });
    const requests: unknown[] = [];
    const result = await stopDaemon(context, { timeoutSeconds: 30, onRequested: (request) => requests.push(request) });
    expect(result).toEqual({ kind: 'stopped', pid: standIn.pid, successor: undefined });
    expect(requests).toEqual([{ pid: standIn.pid, timeoutSeconds: 30 }]);
    await expect(stat(temporary.home.pidFile)).rejects.toThrow('ENOENT');
    await expect(stat(temporary.home.stopFile)).rejects.toThrow('ENOENT');
  });

  it('gives up after its time, at least a second, and leaves the request', async () => {
    await using temporary = await makeTemporaryHome();
    await using standIn = await startStandIn(temporary, '--deaf');
    const context = temporary.context({ readArguments: readProcessArguments });
    expect(await stopDaemon(context, { timeoutSeconds: -3 })).toEqual({
      kind: 'timed-out',
      pid: standIn.pid,
      timeoutSeconds: 1,
    });
    expect(await readFile(temporary.home.stopFile, 'utf8')).toContain(`"pid":${standIn.pid}`);
  });

  it('removes the file of a daemon that is gone, and keeps one that names nobody', async () => {
    await using temporary = await makeTemporaryHome();
    const { home } = temporary;
    await mkdir(home.folder);
    expect(await stopDaemon(temporary.context(), { timeoutSeconds: 1 })).toEqual({ kind: 'not-running' });
    await writeFile(home.pidFile, 'garbage');
    expect(await stopDaemon(temporary.context(), { timeoutSeconds: 1 })).toEqual({ kind: 'not-running' });
    expect(await readFile(home.pidFile, 'utf8')).toBe('garbage');
    await writeFile(home.pidFile, '4242');
    expect(await stopDaemon(temporary.context(), { timeoutSeconds: 1 })).toEqual({
      kind: 'stale',
      pidFile: home.pidFile,
    });
    await expect(stat(home.pidFile)).rejects.toThrow('ENOENT');
  });

  it('leaves a successor and what was asked of it alone', async () => {
    await using temporary = await makeTemporaryHome();
    const { home } = temporary;
    await mkdir(home.folder);
    await writeFile(home.pidFile, '11');
    let isOldAlive = true;
    const readArguments = (pid: number) =>
      Promise.resolve(pid === 22 || (pid === 11 && isOldAlive) ? DAEMON : undefined);
    const stopping = stopDaemon(temporary.context({ readArguments }), {
      timeoutSeconds: 30,
      onRequested() {
        writeFileSync(home.pidFile, '22');
        writeFileSync(home.stopFile, '{"pid": 22, "created_at": 1}');
        isOldAlive = false;
      },
    });
    expect(await stopping).toEqual({ kind: 'stopped', pid: 11, successor: 22 });
    expect(await readFile(home.pidFile, 'utf8')).toBe('22');
    expect(await readFile(home.stopFile, 'utf8')).toContain('22');
  });
});
