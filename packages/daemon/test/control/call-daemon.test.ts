// Commands that ask a daemon: what is really done, and what a command makes of a daemon that cannot be asked.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { createDeferred } from '@puffo/base';
import { waitFor } from '@puffo/testbed';
import { describe, expect, it } from 'vitest';
import { callDaemon } from '../../src/control/call-daemon.ts';
import { writeControlAddress } from '../../src/control/control-address.ts';
import { createAgent } from '../../src/operations/create-agent.ts';
import { makeTemporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { CREATION, ONLINE, openControl, type TestControl } from './kit.ts';

async function openControlWithX(...options: Parameters<typeof openControl>): Promise<TestControl> {
  const control = await openControl(...options);
  await createAgent(control.temporary.context(), CREATION);
  return control;
}

function agentYaml({ home }: TestControl, folder = home.agent('x').folder): Promise<string> {
  return readFile(join(folder, 'agent.yml'), 'utf8');
}

describe('an operation in the daemon', () => {
  it('creates an agent and tells how it is', async () => {
    await using control = await openControl();
    const reply = await callDaemon(control.home, { operation: 'create-agent', input: CREATION });
    expect(reply).toEqual({ kind: 'done', result: { id: 'x' }, warnings: [], agent: { id: 'x', facts: ONLINE } });
    expect(await agentYaml(control)).toContain('api_key: secret-key\n');
    expect((await stat(control.home.agent('x').agentFile)).mode & 0o777).toBe(0o600);
  });

  it('pauses and resumes, and says whether anything changed', async () => {
    await using control = await openControlWithX();
    const input = { id: 'x' };
    const paused = await callDaemon(control.home, { operation: 'pause-agent', input });
    expect(paused).toMatchObject({ result: { isChanged: true }, agent: { id: 'x', facts: undefined } });
    expect(await callDaemon(control.home, { operation: 'pause-agent', input })).toMatchObject({
      result: { isChanged: false },
    });
    const resumed = await callDaemon(control.home, { operation: 'resume-agent', input });
    expect(resumed).toMatchObject({ result: { isChanged: true }, agent: { facts: { phase: 'online' } } });
    expect(control.supervisor.calls).toEqual(['settle x=paused', 'settle x=paused', 'settle x=running']);
  });

  it('renames, and does not wait for anything', async () => {
    await using control = await openControlWithX();
    const input = { id: 'x', displayName: '  New 名前 ' };
    expect(await callDaemon(control.home, { operation: 'rename-agent', input })).toMatchObject({
      result: { displayName: 'New 名前' },
      agent: undefined,
    });
    expect(control.supervisor.calls).toEqual([]);
  });

  it('changes the runtime; what is absent stays', async () => {
    await using control = await openControlWithX();
    const changes = { model: 'other', allowedTools: ['Read', 'Edit'], apiKey: undefined, maxTurns: 4 };
    await callDaemon(control.home, { operation: 'set-runtime', input: { id: 'x', changes } });
    const yaml = await agentYaml(control);
    expect(yaml).toContain('model: other\n  api_key: secret-key\n');
    expect(yaml).toContain('max_turns: 4\n');
    expect(yaml).toContain('allowed_tools:\n  - Read\n  - Edit\n');
    expect(control.supervisor.calls).toEqual(['settle x=running']);
  });

  it('archives when the worker is stopped, and not before', async () => {
    const stopped = createDeferred<void>();
    let isStopping = false;
    const reconcile = () => {
      isStopping = true;
      return stopped.promise;
    };
    await using control = await openControlWithX({ supervisor: { reconcile } });
    const asking = callDaemon(control.home, { operation: 'archive-agent', input: { id: 'x' } });
    await waitFor(() => isStopping, 'the worker to be stopped');
    // Of the same agent: waits for its turn.
    const later = callDaemon(control.home, { operation: 'pause-agent', input: { id: 'x' } });
    later.catch(() => undefined);
    await expect(stat(control.home.archivedFolder)).rejects.toThrow('ENOENT');
    stopped.resolve();
    const reply = await asking;
    const [name = ''] = await readdir(control.home.archivedFolder);
    expect(name).toMatch(/^x-\d{8}-\d{6}$/);
    const destination = join(control.home.archivedFolder, name);
    expect(reply).toMatchObject({ kind: 'done', result: { destination, wasPaused: false } });
    expect(await agentYaml(control, destination)).toContain('state: paused\n');
    await expect(later).rejects.toMatchObject({ code: 'not-found' });
  });

  it('archives the folder of a file that is no YAML too, with a warning', async () => {
    await using control = await openControlWithX();
    await writeFile(control.home.agent('x').agentFile, 'a: [');
    const reply = await callDaemon(control.home, { operation: 'archive-agent', input: { id: 'x' } });
    expect(reply).toMatchObject({ kind: 'done', warnings: [expect.stringContaining("agent 'x'") as string] });
    expect(await readdir(control.home.agentsFolder)).toEqual([]);
  });

  it('fails as it would without a daemon', async () => {
    await using control = await openControlWithX();
    const calls = [
      callDaemon(control.home, { operation: 'create-agent', input: CREATION }),
      callDaemon(control.home, { operation: 'rename-agent', input: { id: 'x', displayName: ' ' } }),
      callDaemon(control.home, { operation: 'set-runtime', input: { id: 'x', changes: { kind: 'bogus' } } }),
    ];
    const errors = await Promise.all(calls.map((call) => call.catch((error: unknown) => error)));
    expect(errors).toMatchObject([
      { code: 'already-exists' },
      { code: 'invalid-argument', message: 'display_name cannot be empty' },
      { code: 'invalid-argument' },
    ]);
    expect(control.supervisor.calls).toEqual([]);
  });
});

const PAUSE = { operation: 'pause-agent', input: { id: 'x' } } as const;

/** Something that listens where a daemon would. */
async function listen({ home }: TemporaryHome, listener: RequestListener): Promise<AsyncDisposable> {
  const socket = join(home.folder, 'control.sock');
  await mkdir(home.folder, { recursive: true });
  const server = createServer(listener).listen(socket);
  await once(server, 'listening');
  await writeControlAddress(home, { pid: 1, socket, token: 't' });
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

describe('a daemon that cannot be asked', () => {
  it('is one without a socket, as of 0.7.2', async () => {
    await using temporary = await makeTemporaryHome();
    expect(await callDaemon(temporary.home, PAUSE)).toEqual({ kind: 'unreachable' });
  });

  it.each(['', '{}', '{"pid": 1, "socket": "", "token": ""}', '[]'])('is one whose address says %j', async (text) => {
    await using temporary = await makeTemporaryHome();
    await mkdir(join(temporary.home.folder, 'run'), { recursive: true });
    await writeFile(join(temporary.home.folder, 'run', 'control.json'), text);
    expect(await callDaemon(temporary.home, PAUSE)).toEqual({ kind: 'unreachable' });
  });

  it('is one that was killed', async () => {
    await using temporary = await makeTemporaryHome();
    await writeControlAddress(temporary.home, { pid: 1, socket: join(temporary.folder, 'gone.sock'), token: 't' });
    expect(await callDaemon(temporary.home, PAUSE)).toEqual({ kind: 'unreachable' });
  });

  it.each([401, 404])('is one that answers %i', async (status) => {
    await using temporary = await makeTemporaryHome();
    await using _other = await listen(temporary, (_request, response) => {
      response.writeHead(status).end('{}');
    });
    expect(await callDaemon(temporary.home, PAUSE)).toEqual({ kind: 'unreachable' });
  });
});

describe('an answer that is lost', () => {
  it.each<readonly [string, RequestListener]>([
    ['before it began', (request) => void request.socket.destroy()],
    [
      'half-way',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{"kind"', () => response.socket?.destroy());
      },
    ],
    ['in a language that is none of ours', (_request, response) => void response.end('<html>')],
  ])('%s is told apart from a daemon that was not asked', async (_name, listener) => {
    await using temporary = await makeTemporaryHome();
    let asked = 0;
    await using _other = await listen(temporary, (request, response) => {
      asked++;
      listener(request, response);
    });
    expect(await callDaemon(temporary.home, PAUSE)).toEqual({ kind: 'lost' });
    expect(asked).toBe(1);
  });
});

describe('a person who does not want to wait', () => {
  it('ends the call', async () => {
    await using temporary = await makeTemporaryHome();
    const stopping = new AbortController();
    await using _other = await listen(temporary, () => stopping.abort(new Error('enough')));
    await expect(callDaemon(temporary.home, { ...PAUSE, signal: stopping.signal })).rejects.toThrow('aborted');
  });
});
