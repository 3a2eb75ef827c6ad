// A daemon from its start to its end, in this process, with workers that only write down what is done to them.
// spec: daemon-and-cli 2.1, 2.10, 2.11, D-10, D-11, D-25
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProcessArguments } from '@puffo/host';
import { waitFor } from '@puffo/testbed';
import type { OperationContext } from '../../src/operations/context.ts';
import { runDaemon } from '../../src/run/run-daemon.ts';
import type { StartWorker } from '../../src/worker/worker.ts';
import { startStandIn } from '../kit/start-stand-in.ts';
import { makeTemporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { createTroupe, readRecord, writeAgent } from './kit.ts';

/** No test takes the port that a real daemon of this machine may have. */
const QUIET = 'reconcile_interval_seconds: 0.5\ndata_service: { port: 0 }\n';
const PID = 4_000_001;

interface StartedDaemon extends AsyncDisposable {
  readonly ending: Promise<number>;
  readonly messages: () => string;
  readonly stop: () => void;
}

interface StartOptions {
  readonly startWorker?: StartWorker;
  readonly context?: Partial<OperationContext>;
}

function startDaemon(temporary: TemporaryHome, { startWorker, context }: StartOptions = {}): StartedDaemon {
  const stopping = new AbortController();
  let messages = '';
  const ending = runDaemon({
    context: temporary.context({ signal: stopping.signal, ...context }),
    stderr: { write: (text) => (messages += text) },
    version: '1.2.3',
    overrides: { pid: PID, startWorker: startWorker ?? createTroupe().startWorker },
  });
  return {
    ending,
    messages: () => messages,
    stop: () => stopping.abort(),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await ending;
    },
  };
}

async function makeQuietHome(settings = QUIET): Promise<TemporaryHome> {
  const temporary = await makeTemporaryHome();
  await mkdir(temporary.home.folder);
  await writeFile(temporary.home.daemonFile, settings);
  return temporary;
}

async function waitUntilReady({ home }: TemporaryHome): Promise<string> {
  const path = join(home.folder, 'daemon.ready');
  return waitFor(() => readFile(path, 'utf8').catch(() => undefined), 'the daemon to be ready');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

describe('runDaemon', () => {
  it('takes the home, says when it is ready, and leaves nothing of itself', async () => {
    await using temporary = await makeQuietHome();
    const { home } = temporary;
    await writeAgent(temporary, 'x');
    const troupe = createTroupe();
    await using daemon = startDaemon(temporary, troupe);
    const ready: unknown = JSON.parse(await waitUntilReady(temporary));
    expect(ready).toMatchObject({ pid: PID, data_service_url: expect.stringMatching(/^http:\/\/127/) as string });
    expect(await readFile(home.pidFile, 'utf8')).toBe(String(PID));
    await waitFor(() => troupe.alive().includes('x'), 'the worker');
    daemon.stop();
    expect(await daemon.ending).toBe(0);
    expect(await readRecord(temporary, 'x')).toMatchObject({ status: 'stopped' });
    for (const name of ['daemon.pid', 'daemon.ready', '.stop_requested', 'run/control.json']) {
      expect([name, await exists(join(home.folder, name))]).toEqual([name, false]);
    }
    expect(daemon.messages()).toContain('daemon-start');
    expect(await readFile(join(home.folder, 'logs', 'daemon.log'), 'utf8')).toContain('"event":"daemon-stopped"');
  });

  it('makes the home when there is none', async () => {
    await using temporary = await makeTemporaryHome();
    // Not for its services: another daemon of this machine may have the usual port, and then this one takes another.
    await using daemon = startDaemon(temporary);
    await waitUntilReady(temporary);
    expect(await readdir(temporary.home.agentsFolder)).toEqual([]);
    daemon.stop();
    expect(await daemon.ending).toBe(0);
  });

  it('leaves a home that another daemon has', async () => {
    await using temporary = await makeQuietHome();
    await using standIn = await startStandIn(temporary);
    await using daemon = startDaemon(temporary, { context: { readArguments: readProcessArguments } });
    expect(await daemon.ending).toBe(1);
    expect(daemon.messages()).toMatch(new RegExp(`^Cannot start: .*${standIn.pid}.*puffo-agent stop\n$`));
    expect(await readFile(temporary.home.pidFile, 'utf8')).toBe(String(standIn.pid));
    expect(await exists(join(temporary.home.folder, 'logs'))).toBe(false);
  });

  it.each(['anthropic: [', 'anthropic: text'])(
    'refuses a daemon.yml with %j in one line, before any pid',
    async (text) => {
      await using temporary = await makeQuietHome(text);
      await using daemon = startDaemon(temporary);
      expect(await daemon.ending).toBe(1);
      expect(daemon.messages()).toMatch(/^Cannot .*daemon\.yml.*\n$/);
      expect(await exists(temporary.home.pidFile)).toBe(false);
    },
  );

  it.each([
    ['digits, as 0.7.2 writes them', '1700000000'],
    ['a request to another process', '{"pid": 7, "created_at": 99999999999}'],
    ['nothing', ''],
  ])('does not obey a stop request from before its start: %s', async (_name, text) => {
    await using temporary = await makeQuietHome();
    await writeFile(temporary.home.stopFile, text);
    await writeAgent(temporary, 'x');
    const troupe = createTroupe();
    await using daemon = startDaemon(temporary, troupe);
    await waitFor(() => troupe.alive().includes('x'), 'the worker');
    expect(await exists(temporary.home.stopFile)).toBe(false);
    daemon.stop();
    expect(await daemon.ending).toBe(0);
  });

  it.each([
    ['digits', () => String(Math.floor(Date.now() / 1000))],
    ['its own pid', () => `{"pid": ${PID}, "created_at": ${Math.floor(Date.now() / 1000)}}`],
    ['no content at all', () => ''],
  ])('obeys a stop request with %s', async (_name, write) => {
    await using temporary = await makeQuietHome();
    await using daemon = startDaemon(temporary);
    await waitUntilReady(temporary);
    await writeFile(temporary.home.stopFile, write());
    expect(await daemon.ending).toBe(0);
    expect(await exists(temporary.home.stopFile)).toBe(false);
    expect(await exists(temporary.home.pidFile)).toBe(false);
  });

  it.each([
    ['another process', '{"pid": 7, "created_at": 99999999999}'],
    ['a daemon of long ago', '1700000000'],
  ])('does not obey a stop request that is meant for %s', async (_name, text) => {
    await using temporary = await makeQuietHome();
    const troupe = createTroupe();
    await using daemon = startDaemon(temporary, troupe);
    await waitUntilReady(temporary);
    await writeFile(temporary.home.stopFile, text);
    for (const id of ['a', 'b', 'c']) {
      await writeAgent(temporary, id);
      await waitFor(() => troupe.alive().includes(id), 'a worker that is started afterwards');
    }
    daemon.stop();
    expect(await daemon.ending).toBe(0);
    expect(await exists(temporary.home.stopFile)).toBe(true);
  });

  it('takes another port when somebody has the one of the data service', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const address = occupant.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await using temporary = await makeQuietHome(`data_service: { port: ${port} }\n`);
    await using daemon = startDaemon(temporary);
    const ready = await waitUntilReady(temporary);
    expect(ready).toContain('data_service_url');
    expect(ready).not.toContain(`:${port}"`);
    daemon.stop();
    await daemon.ending;
    occupant.close();
  });

  it('runs without a data service that would be open to the network', async () => {
    await using temporary = await makeQuietHome('data_service: { bind_host: 0.0.0.0, port: 0 }\n');
    await using daemon = startDaemon(temporary);
    expect(await waitUntilReady(temporary)).not.toContain('data_service_url');
    expect(daemon.messages()).toContain('data-service-unavailable');
  });

  it('refuses a log level that does not exist, before it takes the home', async () => {
    await using temporary = await makeQuietHome();
    const context = temporary.context({ environment: { PUFFO_AGENT_LOG_LEVEL: 'loud' } });
    const running = runDaemon({ context, stderr: { write: () => undefined }, version: '1.2.3' });
    await expect(running).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await exists(temporary.home.pidFile)).toBe(false);
  });
});
