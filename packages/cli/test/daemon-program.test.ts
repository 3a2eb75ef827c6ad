// Commands beside a daemon that is a process of its own, and what is left when it is killed or its terminal goes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { waitFor } from '@puffo/testbed';
import { describe, expect, it } from 'vitest';
import { PATIENCE, startDaemon, waitForRuntime, writeAgent, writeSettings } from './kit/agent-daemon.ts';
import { createAgentHome, PROGRAM } from './kit/agent-home.ts';
import { exists } from './kit/look-at-home.ts';

describe('beside a daemon', () => {
  it('pause and resume are over when they return, and the log of the agent tells of them', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await writeAgent(home, 'x');
    await using daemon = await startDaemon(home);
    expect((await home.spawn(['agent', 'pause', 'x'])).out).toBe(
      "agent 'x' state set to paused\nagent 'x' is stopped\n",
    );
    expect(JSON.parse(await home.read('agents', 'x', 'runtime.json'))).toMatchObject({ status: 'stopped' });
    const resumed = await home.spawn(['agent', 'resume', 'x']);
    expect(resumed).toMatchObject({ exitCode: 0, out: "agent 'x' state set to running\n" });
    expect(resumed.problems).toMatch(/^warning: agent 'x' cannot work: .*puffo_core\.slug/);
    await waitFor(
      async () => (await home.spawn(['agent', 'logs', 'x'])).out.includes('worker-stopped'),
      'the log',
      PATIENCE,
    );
    expect((await home.spawn(['agent', 'archive', 'x'])).exitCode).toBe(0);
    expect(await exists(home.in('agents', 'x'))).toBe(false);
    expect(daemon.log()).toContain('agent=x');
  });

  it('that was killed, commands work on files', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await writeAgent(home, 'x');
    const daemon = await startDaemon(home);
    daemon.kill('SIGKILL');
    await daemon.ending;
    expect((await stat(home.in('run', 'control.sock'))).isSocket()).toBe(true);
    expect(await home.spawn(['agent', 'pause', 'x'])).toEqual({
      exitCode: 0,
      out: "agent 'x' state set to paused\n",
      problems: '',
    });
    await using next = await startDaemon(home);
    expect((await home.spawn(['agent', 'pause', 'x'])).out).toBe("agent 'x' already paused\nagent 'x' is stopped\n");
    expect(next.log()).not.toContain('control-unavailable');
  });
});

describe('a daemon whose terminal goes', () => {
  it('stops its agents all the same, although it can say nothing and is told twice', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await writeAgent(home, 'x');
    const child = spawn(process.execPath, [PROGRAM, 'start'], {
      cwd: home.folder,
      env: { ...home.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ending = once(child, 'exit');
    using _last = { [Symbol.dispose]: () => void child.kill('SIGKILL') };
    child.stderr.destroy();
    await waitForRuntime(home, 'x', ({ status }) => status === 'error');
    child.kill('SIGHUP');
    child.kill('SIGHUP');
    expect(await ending).toEqual([0, null]);
    expect(JSON.parse(await home.read('agents', 'x', 'runtime.json'))).toMatchObject({ status: 'stopped' });
    expect(await exists(home.in('daemon.pid'))).toBe(false);
  });
});
