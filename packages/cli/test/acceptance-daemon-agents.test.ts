// The acceptance statements for agents of a running daemon, by their numbers: files and flags decide who lives.
// spec: daemon-and-cli 9.2
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { waitFor } from '@puffo/testbed';
import {
  type DaemonProgram,
  PATIENCE,
  readRuntime,
  startDaemon,
  waitForRuntime,
  writeAgent,
  writeSettings,
} from './kit/agent-daemon.ts';
import { type AgentHome, createAgentHome } from './kit/agent-home.ts';
import { connectAgent } from './kit/connected-agent.ts';
import { exists } from './kit/look-at-home.ts';

/** Whose key file is missing, and who therefore never asks a server. */
const CORE = { server_url: 'http://127.0.0.1:1', slug: 'nobody-0000', device_id: 'dev_x', space_id: 'sp_x' };
const FOUR_FIELDS = ['server_url', 'slug', 'device_id', 'space_id'];

/** So many intervals: what the daemon does anyway, it has done. An agent that appears afterwards shows it. */
async function passTicks(home: AgentHome, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    const id = `tick-${round}`;
    await writeAgent(home, id);
    // Whoever still makes files for it would be in the way of removing it.
    await waitForRuntime(home, id, ({ status }) => status === 'error');
    await rm(home.in('agents', id), { recursive: true });
  }
}

function linesAbout(daemon: DaemonProgram, pattern: RegExp): readonly string[] {
  return daemon
    .log()
    .split('\n')
    .filter((line) => pattern.test(line));
}

describe('agents of a running daemon', () => {
  it('53: an agent directory that appears leads to a worker; an unconfigured one ends with status error naming four fields', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await using _daemon = await startDaemon(home);
    await writeAgent(home, 'x');
    const { error } = await waitForRuntime(home, 'x', ({ status }) => status === 'error');
    for (const field of FOUR_FIELDS) expect(error).toContain(field);
  });

  it('54: filling puffo_core in that file restarts the worker without any other action', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await writeAgent(home, 'x');
    await using _daemon = await startDaemon(home);
    await waitForRuntime(home, 'x', ({ status }) => status === 'error');
    await writeAgent(home, 'x', { core: CORE });
    const { error } = await waitForRuntime(
      home,
      'x',
      ({ error }) => typeof error === 'string' && !error.includes('space_id'),
    );
    expect(error).not.toContain('server_url');
  });

  it('58: archive.flag moves the directory to archived/<id>-ws-<stamp>; delete.flag removes it completely', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    for (const id of ['x', 'y']) await writeAgent(home, id);
    await using _daemon = await startDaemon(home);
    for (const id of ['x', 'y']) await waitForRuntime(home, id, ({ status }) => status === 'error');
    for (const id of ['x', 'y']) await mkdir(home.in('agents', id, '.puffo-agent'), { recursive: true });
    await writeFile(home.in('agents', 'x', '.puffo-agent', 'archive.flag'), '');
    await writeFile(home.in('agents', 'y', '.puffo-agent', 'delete.flag'), 'requested');
    await waitFor(async () => (await readdir(home.in('agents'))).length === 0, 'both to be gone', PATIENCE);
    await waitFor(async () => (await readdir(home.in('archived'))).length === 1, 'the end of the deletion', PATIENCE);
    const [name = ''] = await readdir(home.in('archived'));
    expect(name).toMatch(/^x-ws-\d{8}-\d{6}$/);
    expect(await exists(home.in('archived', name, 'agent.yml'))).toBe(true);
    expect(await exists(home.in('archived', name, '.puffo-agent', 'archive.flag'))).toBe(false);
  });

  it('59: deleting an agent directory by hand leaves nothing behind after three intervals and the id can be created again', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await writeAgent(home, 'x');
    await using daemon = await startDaemon(home);
    await waitForRuntime(home, 'x', ({ status }) => status === 'error');
    await rm(home.in('agents', 'x'), { recursive: true });
    await waitFor(() => linesAbout(daemon, /worker-stopped.*agent=x/).length > 0, 'the end of the worker', PATIENCE);
    await passTicks(home, 3);
    expect(await exists(home.in('agents', 'x'))).toBe(false);
    expect((await home.spawn(['agent', 'create', '--id', 'x', '--api-key', 'k'])).exitCode).toBe(0);
    await waitForRuntime(home, 'x', ({ status }) => status === 'error');
  });

  it('60: an unparsable agent.yml does not affect others; a worker already running keeps running; a warning names the agent', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    for (const id of ['x', 'y']) await writeAgent(home, id);
    await using daemon = await startDaemon(home);
    for (const id of ['x', 'y']) await waitForRuntime(home, id, ({ status }) => status === 'error');
    await writeFile(home.in('agents', 'x', 'agent.yml'), 'id: [');
    await writeAgent(home, 'z');
    await waitForRuntime(home, 'z', ({ status }) => status === 'error');
    await passTicks(home, 2);
    for (const id of ['x', 'y']) expect(await readRuntime(home, id)).not.toMatchObject({ status: 'stopped' });
    expect(linesAbout(daemon, /agent-file-problem.*agent=x/)).toHaveLength(1);
  });

  it('61: state: banana produces a warning and neither starts nor stops a worker', async () => {
    await using home = await createAgentHome();
    await writeSettings(home);
    await writeAgent(home, 'x');
    await writeAgent(home, 'y', { state: 'banana' });
    await using daemon = await startDaemon(home);
    await waitForRuntime(home, 'x', ({ status }) => status === 'error');
    await writeAgent(home, 'x', { state: 'banana' });
    await waitFor(() => linesAbout(daemon, /agent=x.*banana/).length > 0, 'the warning', PATIENCE);
    await passTicks(home, 2);
    expect(await readRuntime(home, 'x')).not.toMatchObject({ status: 'stopped' });
    expect(await readRuntime(home, 'y')).toBeUndefined();
    expect(linesAbout(daemon, /agent=y.*banana/)).toHaveLength(1);
  });

  it('64: a worker that failed because of a missing key recovers without config change once daemon.yml has the key', async () => {
    await using home = await createAgentHome();
    await using connected = await connectAgent(home);
    await connected.writeAgent({ apiKey: '' });
    await using daemon = await startDaemon(home);
    const failed = await waitForRuntime(home, 'helper', ({ status }) => status === 'error');
    expect(failed['error']).toMatch(/key/);
    const before = await home.read('agents', 'helper', 'agent.yml');
    await writeSettings(home, 'anthropic: { api_key: k }\n');
    const record = await waitForRuntime(home, 'helper', ({ phase }) => phase === 'online');
    expect(record).toMatchObject({ status: 'running', error: '' });
    expect(await home.read('agents', 'helper', 'agent.yml')).toBe(before);
    daemon.kill('SIGTERM');
    expect(await daemon.ending).toBe(0);
  });
});
