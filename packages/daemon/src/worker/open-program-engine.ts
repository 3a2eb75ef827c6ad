// Engines that are coding-agent programs on this machine. spec: daemon-and-cli 3.2, runtimes 1.7, 5.1, 5.2
import { join } from 'node:path';
import { resolveHarness, resolveModel, resolveProvider } from '@puffo/agent/config';
import {
  buildProgramEnvironment,
  createClaudeCodeEngine,
  createCodexEngine,
  createGeminiCliEngine,
  createHermesEngine,
  createHostPlacement,
  type Engine,
  type ProgramEngineOptions,
} from '@puffo/engine';
import { findProgram } from '@puffo/host';
import { DaemonError } from '../daemon-error.ts';
import { CLAUDE_SERVERS, writeClaudeServers } from './claude-servers.ts';
import type { EngineRequest, OpenedEngine } from './worker-host.ts';

const MINUTE_MS = 60_000;
/** Without any output; a turn may last as long as it needs. */
const SILENCE_MS = 30 * MINUTE_MS;

interface ProgramFacts {
  /** On the PATH. */
  readonly program: string;
  /** Names another path. */
  readonly variable: string;
  readonly install: string;
  /** What the program reads the agent's own key and address from. */
  readonly keyVariable: string;
  readonly addressVariable: string;
  readonly create: (options: ProgramEngineOptions, request: EngineRequest) => Engine;
}

const PROGRAMS: Readonly<Record<string, ProgramFacts>> = {
  'claude-code': {
    program: 'claude',
    variable: 'PUFFO_CLAUDE_BIN',
    install: 'npm install -g @anthropic-ai/claude-code',
    keyVariable: 'ANTHROPIC_API_KEY',
    addressVariable: 'ANTHROPIC_BASE_URL',
    create: createClaudeCode,
  },
  codex: {
    program: 'codex',
    variable: 'PUFFO_CODEX_BIN',
    install: 'npm install -g @openai/codex',
    keyVariable: 'OPENAI_API_KEY',
    addressVariable: 'OPENAI_BASE_URL',
    create: createCodex,
  },
  'gemini-cli': {
    program: 'gemini',
    variable: 'PUFFO_GEMINI_BIN',
    install: 'npm install -g @google/gemini-cli',
    keyVariable: 'GEMINI_API_KEY',
    addressVariable: 'GOOGLE_GEMINI_BASE_URL',
    create: (options) => createGeminiCliEngine(options),
  },
  hermes: {
    program: 'hermes',
    variable: 'PUFFO_HERMES_BIN',
    install: 'see the documentation of Hermes',
    keyVariable: 'ANTHROPIC_API_KEY',
    addressVariable: 'ANTHROPIC_BASE_URL',
    create: createHermes,
  },
};

export async function openProgramEngine(request: EngineRequest): Promise<OpenedEngine> {
  const { agent, config, daemon, environment } = request;
  const { runtime } = config;
  const harness = resolveHarness(runtime);
  const facts = PROGRAMS[harness];
  if (facts === undefined) {
    throw new DaemonError(`Cannot run harness '${harness}': this version has no such one`, {
      code: 'invalid-argument',
    });
  }
  const options: ProgramEngineOptions = {
    program: await requireProgram(facts, environment),
    environment: buildProgramEnvironment(environment, { home: agent.folder, added: addedTo(facts, request) }),
    workspaceDir: agent.resolve(config.workspaceDir),
    agentDir: agent.folder,
    permissionMode: runtime.permissionMode,
    placement: createHostPlacement(),
    idleShutdownMs: runtime.idleShutdownMinutes * MINUTE_MS,
    silenceMs: SILENCE_MS,
  };
  return { engine: facts.create(options, request), model: resolveModel(runtime, daemon) };
}

async function requireProgram(
  { program, variable, install }: ProgramFacts,
  environment: EngineRequest['environment'],
): Promise<string> {
  const path = await findProgram(environment[variable] ?? program, { environment });
  if (path !== undefined) return path;
  const message = `Cannot find the program '${program}': install it (${install}), or name its path in ${variable}`;
  throw new DaemonError(message, { code: 'missing-program' });
}

/** A key of its own is what the operator chose for this agent; those of the daemon stay with the daemon. spec: D-44 */
function addedTo({ keyVariable, addressVariable }: ProgramFacts, { agent, config }: EngineRequest) {
  const { apiKey, baseUrl } = config.runtime;
  return {
    PUFFO_AGENT_ID: agent.id,
    ...(apiKey === '' ? {} : { [keyVariable]: apiKey }),
    ...(baseUrl === '' ? {} : { [addressVariable]: baseUrl }),
  };
}

/** Its servers are those that are registered when a session begins: a new one is a reason to begin it again. */
function createClaudeCode(options: ProgramEngineOptions, { logger }: EngineRequest): Engine {
  const { agentDir, workspaceDir } = options;
  const engine = createClaudeCodeEngine({ ...options, mcpConfigFile: join(agentDir, CLAUDE_SERVERS) });
  return {
    ...engine,
    async openSession(session) {
      await writeClaudeServers({ agentDir, workspaceDir, logger });
      return engine.openSession(session);
    },
  };
}

function createCodex(options: ProgramEngineOptions, { config }: EngineRequest): Engine {
  const { baseUrl } = config.runtime;
  const gateway = baseUrl === '' ? undefined : { baseUrl, keyVariable: 'OPENAI_API_KEY' };
  return createCodexEngine({ ...options, gateway });
}

function createHermes(options: ProgramEngineOptions, { agent, config, daemon }: EngineRequest): Engine {
  const provider = resolveProvider(config.runtime, daemon) === 'openai' ? 'openai' : 'anthropic';
  return createHermesEngine({ ...options, provider, agentId: agent.id });
}
