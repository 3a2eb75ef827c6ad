// The acceptance statements for the daemon as a process, by their numbers: start, stop, and who has the home.
// spec: daemon-and-cli 9.2
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { waitFor } from '@puffo/testbed';
import { launchDaemon, PATIENCE, startDaemon, waitForRuntime, writeAgent, writeSettings } from './kit/agent-daemon.ts';
import { createAgentHome } from './kit/agent-home.ts';
import { exists } from './kit/look-at-home.ts';

const isLinux = process.platform === 'linux';

describe('start', () => {
  it('43: on an empty home it creates agents/ and daemon.pid; status from another shell reports the same pid as running', async () => {
    await using home = await createAgentHome();
    await using daemon = await startDaemon(home);
    expect(await exists(home.in('agents'))).toBe(true);
    expect(await home.read('daemon.pid')).toBe(String(daemon.pid));
    const { exitCode, out } = await home.spawn(['status']);
    expect(exitCode).toBe(0);
    expect(out).toContain(`daemon: running (pid=${daemon.pid})\n`);
  });

  it('44: a second start exits 1 and leaves the first one running', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await using daemon = await startDaemon(home);
    const second = await home.spawn(['start']);
    expect(second).toMatchObject({ exitCode: 1, out: '' });
    expect(second.problems).toContain(String(daemon.pid));
    expect((await home.spawn(['status'])).out).toContain(`daemon: running (pid=${daemon.pid})\n`);
    daemon.kill('SIGTERM');
    expect(await daemon.ending).toBe(0);
  });

  it.runIf(isLinux)(
    '45: the rule of 0.7.2, applied to the arguments of the process, recognises the daemon',
    async () => {
      await using home = await createAgentHome();
      await writeSettings(home);
      await using daemon = await startDaemon(home);
      const args = (await readFile(`/proc/${daemon.pid}/cmdline`, 'utf8')).split('\0');
      expect(args.some((arg) => /^puffo[-_]agent/.test(basename(arg).toLowerCase()))).toBe(true);
      expect(args.map((arg) => arg.toLowerCase())).toContain('start');
    },
  );

  it.runIf(isLinux)('45: this tool recognises a process python -m puffo_agent.portal.cli start', async (context) => {
    await using home = await createAgentHome();
    const folder = join(home.folder, 'modules', 'puffo_agent', 'portal');
    await mkdir(folder, { recursive: true });
    for (const path of ['../__init__.py', '__init__.py']) await writeFile(join(folder, path), '');
    await writeFile(join(folder, 'cli.py'), 'import sys\nprint("up", flush=True)\nsys.stdin.read()\n');
    const child = spawn('python3', ['-m', 'puffo_agent.portal.cli', 'start'], {
      env: { ...home.env, PYTHONPATH: join(home.folder, 'modules') },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = once(child, 'close').catch(() => undefined);
    const up = await Promise.race([once(child.stdout, 'data'), ended]);
    if (up === undefined) context.skip('there is no python3');
    await mkdir(home.home);
    await writeFile(home.in('daemon.pid'), String(child.pid));
    expect((await home.spawn(['status'])).out).toContain(`daemon: running (pid=${child.pid})\n`);
    expect((await home.spawn(['start'])).exitCode).toBe(1);
    child.stdin.end();
    await ended;
  });
});

describe('stop', () => {
  it('46: stop ends the daemon, exits 0, and afterwards neither daemon.pid nor .stop_requested exists', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await using daemon = await startDaemon(home);
    const { exitCode, out } = await home.spawn(['stop']);
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: `requested daemon shutdown (pid=${daemon.pid}); waiting up to 60s...\ndaemon stopped\n`,
    });
    expect(await daemon.ending).toBe(0);
    for (const name of ['daemon.pid', '.stop_requested', 'daemon.ready']) {
      expect([name, await exists(home.in(name))]).toEqual([name, false]);
    }
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('47: %s does the same; process exit code 0', async (signal) => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await writeAgent(home, 'x');
    await using daemon = await startDaemon(home);
    await waitForRuntime(home, 'x', () => true);
    daemon.kill(signal);
    expect(await daemon.ending).toBe(0);
    expect(await waitForRuntime(home, 'x', () => true)).toMatchObject({ status: 'stopped' });
    for (const name of ['daemon.pid', '.stop_requested']) expect(await exists(home.in(name))).toBe(false);
  });

  it('48: only digits in .stop_requested stop a daemon that runs; the same file left from before the start does not', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await writeFile(home.in('.stop_requested'), String(Math.floor(Date.now() / 1000) - 60));
    await using daemon = await startDaemon(home);
    await writeAgent(home, 'x');
    await waitForRuntime(home, 'x', () => true);
    await writeFile(home.in('.stop_requested'), String(Math.floor(Date.now() / 1000)));
    expect(await daemon.ending).toBe(0);
    expect(await exists(home.in('.stop_requested'))).toBe(false);
  });
});

describe('what a daemon that was killed leaves', () => {
  it('49: status says not running and mentions the stale file; stop removes it and exits 0; start works', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    const first = await startDaemon(home);
    first.kill('SIGKILL');
    await first.ending;
    const { out } = await home.spawn(['status']);
    expect(out).toContain(`daemon: not running (stale pid file at ${home.in('daemon.pid')}; pid=${first.pid})\n`);
    expect((await home.spawn(['stop'])).exitCode).toBe(0);
    expect(await exists(home.in('daemon.pid'))).toBe(false);
    await using second = await startDaemon(home);
    second.kill('SIGTERM');
    expect(await second.ending).toBe(0);
  });

  it('50: a pid file naming an unrelated live process is treated as stale', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await writeFile(home.in('daemon.pid'), String(process.pid));
    expect((await home.spawn(['status'])).out).toContain(`; pid=${process.pid})\n`);
    await using daemon = await startDaemon(home);
    expect(await home.read('daemon.pid')).toBe(String(daemon.pid));
    daemon.kill('SIGTERM');
    expect(await daemon.ending).toBe(0);
  });

  it('51: two simultaneous start calls leave exactly one daemon', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await using a = launchDaemon(home);
    await using b = launchDaemon(home);
    const loser = await Promise.race([a.ending.then(() => a), b.ending.then(() => b)]);
    expect(await loser.ending).toBe(1);
    const winner = loser === a ? b : a;
    await waitFor(() => exists(home.in('daemon.ready')), 'the winner', PATIENCE);
    expect(await home.read('daemon.pid')).toBe(String(winner.pid));
    winner.kill('SIGTERM');
    expect(await winner.ending).toBe(0);
  });

  it('52: with both ports occupied the daemon still starts and manages agents', async () => {
    const occupants = [createServer().listen(0, '127.0.0.1'), createServer().listen(0, '127.0.0.1')];
    await Promise.all(occupants.map((occupant) => once(occupant, 'listening')));
    const ports = occupants.map((occupant) => (occupant.address() as AddressInfo).port);
    await using home = await createAgentHome();
    await writeSettings(home, `bridge: { port: ${ports[1]} }\n`);
    const text = await home.read('daemon.yml');
    await writeFile(home.in('daemon.yml'), text.replace('port: 0', `port: ${ports[0]}`));
    await writeAgent(home, 'x');
    await using daemon = await startDaemon(home);
    await waitForRuntime(home, 'x', ({ status }) => status === 'error');
    expect(daemon.log()).toContain('data-service-port-taken');
    for (const occupant of occupants) occupant.close();
  });
});
