// The private local socket of a daemon: who may speak to it, where it is, and what it refuses.
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { createDeferred, silentLogger, systemRandom } from '@puffo/base';
import { waitFor } from '@puffo/testbed';
import { describe, expect, it } from 'vitest';
import { startControlServer } from '../../src/control/start-control-server.ts';
import { createHome } from '../../src/home/home.ts';
import type { LiveAgent } from '../../src/supervisor/supervisor.ts';
import { makeTemporaryHome } from '../kit/temporary-home.ts';
import { CREATION, createFakeSupervisor, ONLINE, openControl, send } from './kit.ts';

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('who may speak', () => {
  it('is told by control.json, which nobody else can read', async () => {
    await using control = await openControl();
    const folder = join(control.home.folder, 'run');
    expect(JSON.parse(await readFile(join(folder, 'control.json'), 'utf8'))).toEqual(control.server.address);
    expect(control.server.address).toMatchObject({ pid: process.pid, socket: join(folder, 'control.sock') });
    expect(control.server.address.token).toHaveLength(43);
    expect([
      await modeOf(folder),
      await modeOf(join(folder, 'control.json')),
      await modeOf(join(folder, 'control.sock')),
    ]).toEqual(['700', '600', '600']);
  });

  it.each([undefined, '', 'wrong', 'x'.repeat(43)])('is not who shows %j', async (token) => {
    await using control = await openControl();
    const body = JSON.stringify(CREATION);
    const reply = await control.send({ token, path: '/v1/operations/create-agent', body });
    expect(reply.status).toBe(401);
    expect(control.supervisor.calls).toEqual([]);
    await expect(stat(control.home.agentsFolder)).rejects.toThrow('ENOENT');
  });

  it('has another secret after each start', async () => {
    await using temporary = await makeTemporaryHome();
    const options = {
      context: temporary.context(),
      supervisor: createFakeSupervisor(temporary.home),
      pid: process.pid,
      random: systemRandom,
      logger: silentLogger,
    };
    const first = await startControlServer(options);
    await first[Symbol.asyncDispose]();
    await using second = await startControlServer(options);
    expect(second.address.token).not.toBe(first.address.token);
  });
});

describe('the socket', () => {
  it('is gone with its address when the server ends', async () => {
    await using control = await openControl();
    await control.server[Symbol.asyncDispose]();
    expect(await readdir(join(control.home.folder, 'run'))).toEqual([]);
  });

  it('of a home with a long path is in a private folder elsewhere, and goes with the server', async () => {
    await using temporary = await makeTemporaryHome();
    const home = createHome(join(temporary.folder, 'long'.repeat(25)));
    const context = temporary.context({ home });
    const elsewhere = join(temporary.folder, 't');
    await mkdir(elsewhere);
    const supervisor = createFakeSupervisor(home);
    const server = await startControlServer({
      context,
      supervisor,
      pid: process.pid,
      random: systemRandom,
      logger: silentLogger,
      temporaryFolder: elsewhere,
    });
    const { socket } = server.address;
    expect(socket.startsWith(`${elsewhere}/puffo-agent-`)).toBe(true);
    expect(await modeOf(dirname(socket))).toBe('700');
    expect((await send({ ...server.address, method: 'GET' })).status).toBe(200);
    await server[Symbol.asyncDispose]();
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('that a killed daemon has left is replaced', async () => {
    await using temporary = await makeTemporaryHome();
    const run = join(temporary.home.folder, 'run');
    await mkdir(run, { recursive: true });
    await chmod(run, 0o755);
    await writeFile(join(run, 'control.sock'), '');
    await writeFile(join(run, 'control.json'), '{"pid": 1, "socket": "/nowhere", "token": "old"}');
    await using server = await startControlServer({
      context: temporary.context(),
      supervisor: createFakeSupervisor(temporary.home),
      pid: process.pid,
      random: systemRandom,
      logger: silentLogger,
    });
    expect((await send({ ...server.address, method: 'GET' })).status).toBe(200);
    expect(await modeOf(run)).toBe('700');
  });

  it('of a daemon that lives is left to it', async () => {
    await using temporary = await makeTemporaryHome();
    const path = join(temporary.home.folder, 'run', 'control.sock');
    await mkdir(dirname(path), { recursive: true });
    const other = createServer().listen(path);
    await once(other, 'listening');
    const starting = startControlServer({
      context: temporary.context(),
      supervisor: createFakeSupervisor(temporary.home),
      pid: process.pid,
      random: systemRandom,
      logger: silentLogger,
    });
    await expect(starting).rejects.toMatchObject({ code: 'running' });
    expect((await stat(path)).isSocket()).toBe(true);
    other.close();
  });
});

describe('what is refused', () => {
  it.each([
    ['an unknown operation', '/v1/operations/delete-agent', '{"id":"x"}', 404],
    ['a member that every object has', '/v1/operations/constructor', '{"id":"x"}', 404],
    ['another path', '/v1/agents', '{"id":"x"}', 404],
    ['no JSON', '/v1/operations/pause-agent', 'id=x', 400],
    ['a list', '/v1/operations/pause-agent', '[]', 400],
    ['no id', '/v1/operations/pause-agent', '{}', 400],
    ['an id that is no text', '/v1/operations/pause-agent', '{"id":7}', 400],
    ['tools that are no list', '/v1/operations/set-runtime', '{"id":"x","changes":{"allowedTools":"Read"}}', 400],
    ['an invalid id of a new agent', '/v1/operations/create-agent', JSON.stringify({ ...CREATION, id: '../x' }), 400],
    ['a body that is too long', '/v1/operations/pause-agent', `{"id":"${'x'.repeat(300_000)}"}`, 413],
  ])('%s', async (_name, path, body, status) => {
    await using control = await openControl();
    const reply = await control.send({ path, body });
    expect(reply).toMatchObject({ status, body: { kind: 'failed', message: expect.any(String) as string } });
    expect(control.supervisor.calls).toEqual([]);
  });

  it('is said in a sentence, with the code of the operation', async () => {
    await using control = await openControl();
    const reply = await control.send({ path: '/v1/operations/pause-agent', body: '{"id":"nope"}' });
    expect(reply.body).toEqual({ kind: 'failed', code: 'not-found', message: "agent 'nope' not found" });
  });
});

describe('the status', () => {
  it('lists the agents that live', async () => {
    await using control = await openControl();
    expect(await control.send({ method: 'GET' })).toEqual({
      status: 200,
      body: { pid: process.pid, agents: [{ id: 'x', facts: JSON.parse(JSON.stringify(ONLINE)) as unknown }] },
    });
  });
});

describe('a daemon that ends', () => {
  it('answers who has asked, without waiting for the agent', async () => {
    const never = createDeferred<LiveAgent>();
    let hasAsked = false;
    const settle = () => {
      hasAsked = true;
      return never.promise;
    };
    await using control = await openControl({ supervisor: { settle } });
    const asking = control.send({ path: '/v1/operations/create-agent', body: JSON.stringify(CREATION) });
    await waitFor(() => hasAsked, 'the operation');
    await control.server[Symbol.asyncDispose]();
    expect(await asking).toMatchObject({ status: 200, body: { kind: 'done', result: { id: 'x' } } });
  });
});
