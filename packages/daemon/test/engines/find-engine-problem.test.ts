// What keeps an engine from starting, found without starting it.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findEngineProblem } from '../../src/operations/find-engine-problem.ts';
import { makeTemporaryHome } from '../kit/temporary-home.ts';

const CLAUDE_LOGIN = '.claude/.credentials.json';
const CODEX_LOGIN = '.codex/auth.json';

interface Machine {
  /** Lines below `runtime:`. */
  readonly runtime: string;
  readonly programs?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Below the home of the user. */
  readonly logins?: readonly string[];
  /** Below the folder of the agent. */
  readonly ownLogins?: readonly string[];
  readonly userId?: number;
  readonly platform?: string;
}

async function find({ runtime, programs = [], logins = [], ownLogins = [], ...machine }: Machine) {
  const { variables = {}, userId = 1000, platform = 'linux' } = machine;
  await using temporary = await makeTemporaryHome();
  const { home, folder } = temporary;
  const agent = home.agent('x');
  const bin = join(folder, 'bin');
  const homeFolder = join(folder, 'user');
  await mkdir(agent.folder, { recursive: true });
  await writeFile(agent.agentFile, `id: x\nruntime:\n${runtime}`);
  for (const name of programs) await write(join(bin, name), '#!/bin/sh\nexit 1\n');
  for (const name of logins) await write(join(homeFolder, name), '{}');
  for (const name of ownLogins) await write(join(agent.folder, name), '{}');
  const environment = { PATH: bin, ...variables };
  return await findEngineProblem(temporary.context({ environment, homeFolder, platform }), { id: 'x', userId });
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o755 });
}

const CLAUDE = '  kind: cli-local\n  harness: claude-code\n';
const CODEX = '  kind: cli-local\n  harness: codex\n';
const GEMINI = '  kind: cli-local\n  harness: gemini-cli\n';

describe('what keeps an engine from starting', () => {
  test.each<[string, Machine]>([
    ['Claude Code, with the login of the user', { runtime: CLAUDE, programs: ['claude'], logins: [CLAUDE_LOGIN] }],
    ['Claude Code, with a login of its own', { runtime: CLAUDE, programs: ['claude'], ownLogins: [CLAUDE_LOGIN] }],
    ['Claude Code, with a key', { runtime: `${CLAUDE}  api_key: k\n`, programs: ['claude'] }],
    ['Claude Code on macOS, whose login nobody sees', { runtime: CLAUDE, programs: ['claude'], platform: 'darwin' }],
    ['Codex, with the login of the user', { runtime: CODEX, programs: ['codex'], logins: [CODEX_LOGIN] }],
    ['Codex of root', { runtime: CODEX, programs: ['codex'], logins: [CODEX_LOGIN], userId: 0 }],
    ['Gemini CLI, with a key', { runtime: `${GEMINI}  api_key: k\n`, programs: ['gemini'] }],
    [
      'Claude Code of root that asks',
      {
        runtime: `${CLAUDE}  permission_mode: default\n`,
        programs: ['claude'],
        logins: [CLAUDE_LOGIN],
        userId: 0,
      },
    ],
    ['the offline model', { runtime: `${CLAUDE}  offline: true\n` }],
  ])('is nothing for %s', async (_, machine) => expect(await find(machine)).toBeUndefined());

  test('is a program that is not there, with what installs it and the variable that names it', async () => {
    const message = expect.stringMatching(/'codex'.*npm install -g @openai\/codex.*PUFFO_CODEX_BIN/);
    expect(await find({ runtime: CODEX, logins: [CODEX_LOGIN] })).toEqual({ kind: 'missing-program', message });
  });

  test.each([
    [CLAUDE, 'claude', 'plan'],
    [CODEX, 'codex', 'auto'],
    [GEMINI, 'gemini', 'auto'],
    ['  kind: cli-local\n  harness: hermes\n', 'hermes', 'default'],
  ])('is a permission mode that the program cannot keep: %j', async (runtime, program, mode) => {
    const machine = { runtime: `${runtime}  api_key: k\n  permission_mode: ${mode}\n`, programs: [program] };
    const message = expect.stringContaining(mode);
    expect(await find(machine)).toEqual({ kind: 'bad-option', message });
  });

  test('is an Agent SDK that is not installed, or has no key', async () => {
    const runtime = '  kind: sdk-local\n';
    const message = expect.stringMatching(/npm install --prefix .*sdk @anthropic-ai\/claude-agent-sdk/);
    expect(await find({ runtime: `${runtime}  api_key: k\n` })).toEqual({ kind: 'missing-program', message });
    expect(await find({ runtime })).toEqual({ kind: 'failed', message: expect.stringContaining('no API key') });
  });

  test('is Claude Code that would run without asking as root', async () => {
    const machine = { runtime: CLAUDE, programs: ['claude'], logins: [CLAUDE_LOGIN], userId: 0 };
    expect(await find(machine)).toEqual({ kind: 'root' });
  });

  test.each([
    [CLAUDE, 'claude', CODEX_LOGIN, 'claude'],
    [CODEX, 'codex', CLAUDE_LOGIN, 'codex'],
    // The login of the user is not handed on.
    [GEMINI, 'gemini', '.gemini/oauth_creds.json', undefined],
  ])(
    'is nobody who is logged in, whatever the environment of the daemon holds: %j',
    async (runtime, name, login, program) => {
      const variables = { ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k', GEMINI_API_KEY: 'k' };
      expect(await find({ runtime, programs: [name], logins: [login], variables })).toEqual({
        kind: 'no-login',
        program,
      });
    },
  );

  test('is a kind that this version does not run', async () => {
    const message = expect.stringContaining('cli-docker');
    expect(await find({ runtime: '  kind: cli-docker\n' })).toEqual({ kind: 'failed', message });
  });
});
