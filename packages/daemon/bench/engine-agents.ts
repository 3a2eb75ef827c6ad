// Agents whose engine is a real program in a throw-away home, as the daemon makes them, with a model on loopback behind it.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createClaudeCodeEngine,
  createCodexEngine,
  createHostPlacement,
  type Engine,
  type EngineSession,
  type ProgramEngineOptions,
} from '@puffo/engine';
import type { FakeProvider, ProviderApi } from '@puffo/testbed';

export interface BenchProgram {
  readonly name: string;
  readonly api: ProviderApi;
  readonly model: string;
  /** Below `node_modules`, the best first. */
  readonly paths: readonly string[];
  create(options: ProgramEngineOptions, provider: FakeProvider): Engine;
}

const KEY = 'sk-bench-0123456789';
const CLAUDE = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;

export const BENCH_PROGRAMS: readonly BenchProgram[] = [
  {
    name: 'claude-code',
    api: 'anthropic',
    model: 'claude-sonnet-4-6',
    paths: [`${CLAUDE}/claude`, '.bin/claude'],
    create(options, { baseUrls }) {
      const access = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: baseUrls.anthropic };
      // It does not act freely for root; nothing is asked here.
      const environment = { ...options.environment, ...access };
      return createClaudeCodeEngine({ ...options, environment, permissionMode: 'acceptEdits' });
    },
  },
  {
    name: 'codex',
    api: 'openai-responses',
    model: 'gpt-5.5',
    paths: ['.bin/codex'],
    create(options, { baseUrls }) {
      const gateway = { baseUrl: baseUrls.openai, keyVariable: 'OPENAI_API_KEY' };
      return createCodexEngine({ ...options, environment: { ...options.environment, OPENAI_API_KEY: KEY }, gateway });
    },
  },
];

export interface EngineAgent {
  readonly name: string;
  readonly session: EngineSession;
  /** In the first message: what it remembers later. */
  readonly word: string;
}

export interface AgentFolders {
  /** With `node_modules` of the programs. */
  readonly programs: string;
  /** The homes go below it. */
  readonly homes: string;
  readonly path: string;
}

export interface AgentOptions {
  readonly folders: AgentFolders;
  readonly provider: FakeProvider;
  readonly idleShutdownMs: number;
}

const SILENCE_MS = 120_000;

/** `undefined`: the program is not there. */
export function findBenchProgram({ paths }: BenchProgram, { programs }: AgentFolders): string | undefined {
  return paths.map((path) => join(programs, 'node_modules', path)).find((path) => existsSync(path));
}

export async function openEngineAgent(
  program: BenchProgram,
  name: string,
  { folders, provider, idleShutdownMs }: AgentOptions,
): Promise<EngineAgent> {
  const path = findBenchProgram(program, folders);
  if (path === undefined) throw new Error(`Cannot find ${program.name} below ${folders.programs}; install it`);
  const agentDir = join(folders.homes, program.name, name);
  const workspaceDir = join(agentDir, 'workspace');
  await mkdir(workspaceDir, { recursive: true });
  const environment = { PATH: folders.path, HOME: agentDir, USERPROFILE: agentDir, TMPDIR: folders.homes };
  const placement = createHostPlacement();
  const where = { program: path, environment, workspaceDir, agentDir, placement };
  const engine = program.create({ ...where, permissionMode: '', idleShutdownMs, silenceMs: SILENCE_MS }, provider);
  const session = await engine.openSession({ systemPrompt: 'Be brief.', model: program.model });
  return { name, session, word: `word-${name}-${crypto.randomUUID()}` };
}
