import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OfferedKey, Settings } from '@puffo/daemon/operations';
import { describe, expect, test } from 'vitest';
import { pickRuntime } from './pick-runtime.ts';

const NONE: OfferedKey = { kind: 'none' };
const STORED: OfferedKey = { kind: 'stored', tail: '' };

function inEnvironment(variable: string): OfferedKey {
  return { kind: 'environment', tail: '', variable };
}

function settingsOf(keys: Partial<Settings['keys']>, defaultProvider = 'anthropic') {
  return { keys: { anthropic: NONE, openai: NONE, google: NONE, ...keys }, defaultProvider };
}

const NOBODYS_MACHINE = { environment: {}, homeFolder: '/nobody', userId: 1000 };

/** Nobody listens there. */
const NOBODY = 'http://127.0.0.1:1';

describe('the choice of a runtime', () => {
  test.each([
    ['the key of Anthropic', { anthropic: inEnvironment('ANTHROPIC_API_KEY') }, 'anthropic', 'ANTHROPIC_API_KEY'],
    ['the key of OpenAI', { openai: inEnvironment('OPENAI_API_KEY') }, 'openai', 'OPENAI_API_KEY'],
    ['the key of Google', { google: inEnvironment('GEMINI_API_KEY') }, 'google', 'GEMINI_API_KEY'],
    [
      'the first of several keys',
      { openai: inEnvironment('OPENAI_API_KEY'), google: inEnvironment('GOOGLE_API_KEY') },
      'openai',
      'OPENAI_API_KEY',
    ],
    [
      'a key of daemon.yml before one of the environment',
      { anthropic: inEnvironment('ANTHROPIC_API_KEY'), google: STORED },
      'google',
      'daemon.yml',
    ],
  ])('takes %s', async (_, keys, provider, source) => {
    const machine = { ...NOBODYS_MACHINE, settings: settingsOf(keys) };
    const { choice } = await pickRuntime(machine);
    expect(choice).toEqual({ kind: 'provider', provider, source, model: expect.stringMatching(/./) });
  });

  test('takes the default provider of the home when there are several keys', async () => {
    const keys = { anthropic: inEnvironment('ANTHROPIC_API_KEY'), google: inEnvironment('GEMINI_API_KEY') };
    const settings = settingsOf(keys, 'google');
    const { choice } = await pickRuntime({ ...NOBODYS_MACHINE, settings });
    expect(choice).toMatchObject({ provider: 'google' });
  });

  test('takes the first model of Ollama that can talk', async () => {
    await using ollama = await startOllama({ data: [{ id: 'nomic-embed-text' }, { id: 'llama3.2:3b' }, { id: 'x' }] });
    const choice = { kind: 'ollama', baseUrl: `${ollama.url}/v1`, model: 'llama3.2:3b' };
    expect((await pickWith(ollama.url)).choice).toEqual(choice);
    expect(ollama.paths).toEqual(['/v1/models']);
  });

  test.each([
    ['an address', (url: URL) => url.href],
    ['a host and a port', (url: URL) => url.host],
    ['where its server listens', (url: URL) => `0.0.0.0:${url.port}`],
  ])('finds Ollama where OLLAMA_HOST names %s', async (_, hostOf) => {
    await using ollama = await startOllama({ data: [{ id: 'x' }] });
    const baseUrl = `${ollama.url}/v1`;
    expect((await pickWith(hostOf(new URL(ollama.url)))).choice).toEqual({ kind: 'ollama', baseUrl, model: 'x' });
  });

  test.each<[string, unknown]>([
    ['has no model', { data: [] }],
    ['says something else', ['models']],
    ['names no model', { data: [{ id: 7 }, null, { id: '' }] }],
    ['does not end', undefined],
  ])('is the offline model when what listens on the port of Ollama %s', async (_, body) => {
    await using ollama = await startOllama(body);
    expect((await pickWith(ollama.url)).choice).toEqual({ kind: 'offline' });
  });

  test('takes Claude Code before Codex before Ollama, when somebody is logged in with them', async () => {
    await using ollama = await startOllama({ data: [{ id: 'llama3.2:3b' }] });
    await using machine = await createMachine();
    await machine.install('claude');
    await machine.install('codex');
    expect((await pickWith(ollama.url, machine)).choice).toMatchObject({ kind: 'ollama' });
    await machine.logIn('.codex', 'auth.json');
    const codex = { kind: 'program', harness: 'codex', provider: 'openai', name: 'Codex' };
    expect(await pickWith(ollama.url, machine)).toEqual({ choice: codex, skipped: [] });
    await machine.logIn('.claude', '.credentials.json');
    const claude = { kind: 'program', harness: 'claude-code', provider: 'anthropic', name: 'Claude Code' };
    expect(await pickWith(ollama.url, machine)).toEqual({ choice: claude, skipped: [] });
    expect(ollama.paths.length).toBe(1);
  });

  test('takes a key before a login', async () => {
    await using machine = await createMachine();
    await machine.install('claude');
    await machine.logIn('.claude', '.credentials.json');
    const settings = settingsOf({ openai: inEnvironment('OPENAI_API_KEY') });
    expect((await pickRuntime({ ...machine, settings })).choice).toMatchObject({ kind: 'provider' });
  });

  test('passes over Claude Code as root with one sentence, and takes what comes next', async () => {
    await using made = await createMachine();
    await made.install('claude');
    await made.logIn('.claude', '.credentials.json');
    const machine = { ...made, userId: 0 };
    const skipped = [expect.stringMatching(/^found a login of Claude Code, .*root: run this as an ordinary user$/)];
    expect(await pickWith(NOBODY, machine)).toEqual({ choice: { kind: 'offline' }, skipped });
    await made.install('codex');
    await made.logIn('.codex', 'auth.json');
    expect(await pickWith(NOBODY, machine)).toMatchObject({ choice: { harness: 'codex' }, skipped });
  });

  test('does not take the login of a program for one that is not installed', async () => {
    await using machine = await createMachine();
    await machine.logIn('.claude', '.credentials.json');
    expect(await pickWith(NOBODY, machine)).toEqual({ choice: { kind: 'offline' }, skipped: [] });
  });

  test('finds a program where a variable names it', async () => {
    await using machine = await createMachine();
    await machine.install('claude-nightly');
    await machine.logIn('.claude', '.credentials.json');
    const { PATH } = machine.environment;
    const environment = { PATH: '', PUFFO_CLAUDE_BIN: join(PATH, 'claude-nightly') };
    expect((await pickWith(NOBODY, { ...machine, environment })).choice).toMatchObject({ harness: 'claude-code' });
  });
});

interface Machine {
  readonly environment: Readonly<Record<string, string>>;
  readonly homeFolder: string;
  readonly userId: number;
}

function pickWith(ollamaUrl: string, machine: Machine = NOBODYS_MACHINE) {
  const environment = { ...machine.environment, OLLAMA_HOST: ollamaUrl };
  return pickRuntime({ ...machine, environment, settings: settingsOf({}) });
}

async function createMachine() {
  const folder = await mkdtemp(join(tmpdir(), 'puffo-machine-'));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  return {
    environment: { PATH: bin },
    homeFolder: folder,
    userId: 1000,
    install: (name: string) => writeFile(join(bin, name), '#!/bin/sh\n', { mode: 0o755 }),
    async logIn(...names: readonly [string, string]) {
      await mkdir(join(folder, names[0]), { recursive: true });
      await writeFile(join(folder, ...names), '{}');
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** `undefined`: it begins an answer and never ends it. */
async function startOllama(body: unknown) {
  const paths: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url);
    if (body === undefined) response.write('{"data":[');
    else response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    paths,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
