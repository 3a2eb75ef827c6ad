// `puffo-agent agent logs`: what a daemon has written, for people. spec: daemon-and-cli D-30
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDaemonLogs } from '@puffo/daemon';
import { waitFor } from '@puffo/testbed';
import { describe, expect, it } from 'vitest';
import { type AgentHome, createAgentHome, createCollector } from './kit/agent-home.ts';
import { createX } from './kit/look-at-home.ts';

const NOON = new Date(2026, 4, 10, 12, 0, 3).getTime();

/** As a daemon logs, to its end. */
async function log(home: AgentHome, write: (logs: ReturnType<typeof createDaemonLogs>) => void): Promise<void> {
  const stderr = { write: () => true };
  await using logs = createDaemonLogs({ home: { folder: home.home }, clock: () => NOON, level: 'debug', stderr });
  write(logs);
}

describe('agent logs', () => {
  it('shows time, level, event and facts of this agent only', async () => {
    await using home = await createAgentHome();
    await createX(home);
    await log(home, (logs) => {
      logs.logger.info('daemon-start', { pid: 7 });
      logs.loggerOf('y').info('turn-start', { turn: 'other' });
      logs.loggerOf('x').info('turn-end', { turn: 't1', durationMs: 830, isLast: true });
      logs.loggerOf('x').error('provider-failed', { reason: 'overloaded, later' });
    });
    expect(await home.run(['agent', 'logs', 'x'])).toEqual({
      exitCode: 0,
      out:
        '2026-05-10 12:00:03 info  turn-end turn=t1 durationMs=830 isLast=true\n' +
        '2026-05-10 12:00:03 error provider-failed reason="overloaded, later"\n',
      problems: '',
    });
  });

  it('shows as many of the last lines as are asked for', async () => {
    await using home = await createAgentHome();
    await createX(home);
    await log(home, (logs) => {
      for (let turn = 1; turn <= 60; turn++) logs.loggerOf('x').info('turn-end', { turn });
    });
    expect((await home.run(['agent', 'logs', 'x'])).out.trim().split('\n')).toHaveLength(50);
    const { out } = await home.run(['agent', 'logs', 'x', '--lines', '2']);
    expect(out).toBe('2026-05-10 12:00:03 info  turn-end turn=59\n2026-05-10 12:00:03 info  turn-end turn=60\n');
    expect((await home.run(['agent', 'logs', 'x', '--lines', '0'])).out).toBe('');
    expect((await home.run(['agent', 'logs', 'x', '--lines=-1'])).exitCode).toBe(2);
  });

  it('prints the lines as they are written with --json, without what was cut off', async () => {
    await using home = await createAgentHome();
    await createX(home);
    await log(home, (logs) => logs.loggerOf('x').info('turn-end', { turn: 't1' }));
    await appendFile(home.in('logs', 'agents', 'x.log'), '{"time":"20\n');
    const { out } = await home.run(['agent', 'logs', 'x', '--json']);
    expect(out).toBe(
      `{"time":"${new Date(NOON).toISOString()}","level":"info","event":"turn-end","agent":"x","turn":"t1"}\n`,
    );
    expect((await home.run(['agent', 'logs', 'x'])).out).toContain('{"time":"20\n');
  });

  it.each([[[]], [['--json']]])('%j lets nothing steer the terminal', async (options) => {
    await using home = await createAgentHome();
    await createX(home);
    await log(home, (logs) => logs.loggerOf('x').info('turn-end', { name: '\u001b[2J\u009b31m\u202e\nfake' }));
    await appendFile(home.in('logs', 'agents', 'x.log'), '\u001b]0;title\u0007\n');
    const { out } = await home.run(['agent', 'logs', 'x', ...options]);
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(out.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(out.trim().split('\n')).toHaveLength(options.length === 0 ? 2 : 1);
  });

  it('says so when nothing was logged yet', async () => {
    await using home = await createAgentHome();
    await createX(home);
    const { exitCode, out, problems } = await home.run(['agent', 'logs', 'x']);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' });
    expect(problems).toMatch(/^agent 'x' has no log yet/);
  });

  it.each(['nope', '..', '../daemon', ''])('of %j exits 2 with a sentence', async (id) => {
    await using home = await createAgentHome();
    await createX(home);
    await log(home, (logs) => logs.logger.info('daemon-start'));
    expect(await home.run(['agent', 'logs', id])).toEqual({
      exitCode: 2,
      out: '',
      problems: `error: agent '${id}' not found\n`,
    });
  });

  it('of an agent that is gone are still there', async () => {
    await using home = await createAgentHome();
    await createX(home);
    await log(home, (logs) => logs.loggerOf('x').warn('folder-removed'));
    await rm(home.in('agents', 'x'), { recursive: true });
    expect((await home.run(['agent', 'logs', 'x'])).out).toContain('warn  folder-removed\n');
  });

  it('-f goes on with what comes until it is stopped, and exits 0', async () => {
    await using home = await createAgentHome();
    await createX(home);
    const folder = home.in('logs', 'agents');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'x.log'), '{"event":"one"}\n');
    const stopping = new AbortController();
    const stdout = createCollector();
    const running = home.run(['agent', 'logs', 'x', '-f'], { world: { stop: stopping.signal, stdout: stdout.stream } });
    await waitFor(() => stdout.text().includes('one\n'), 'the first line');
    await appendFile(join(folder, 'x.log'), '{"event":"two"}\n');
    await waitFor(() => stdout.text().includes('two\n'), 'the second line');
    stopping.abort();
    expect((await running).exitCode).toBe(0);
    expect(stdout.text().match(/one/g)).toHaveLength(1);
  });

  it('is explained by --help, with both spellings of -f', async () => {
    await using home = await createAgentHome();
    const { out } = await home.run(['agent', 'logs', '--help']);
    expect(out).toContain('usage: puffo-agent agent logs [-h] [-f] [--lines LINES] [--json] id\n');
    expect(out).toMatch(/^ {2}-f, --follow /m);
  });
});
