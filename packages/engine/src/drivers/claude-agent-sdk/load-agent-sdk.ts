// The Claude Agent SDK is large and brings a program of its own, so it is no dependency: it is loaded from where the operator has
// installed it. Only what is used of it stands here. spec: runtimes 4.3
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JsonObject } from '@puffo/base';
import { EngineError } from '../../spec/engine-error.ts';
import type { ToolConnection } from './connect-tools.ts';
import type { SpawnedProgram, SpawnRequest } from './spawn-program.ts';

export interface AgentSdk {
  /** Messages are those of the CLI, as objects. Throws after a result that is an error. */
  query(request: { readonly prompt: string; readonly options: AgentSdkOptions }): AsyncGenerator<unknown, void>;
}

export interface AgentSdkOptions {
  readonly abortController: AbortController;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly model?: string;
  /** Without a snapshot: what was recorded with the session would win over what is given now. */
  readonly systemPrompt: { readonly type: 'custom'; readonly prompt: string; readonly snapshot: false };
  readonly resume?: string;
  readonly maxTurns: number;
  /** Empty: no built-in tool at all. Absent: all of them. */
  readonly tools?: readonly string[];
  readonly disallowedTools: readonly string[];
  readonly settingSources: readonly string[];
  readonly strictMcpConfig: boolean;
  readonly mcpServers: Readonly<Record<string, ToolServer>>;
  readonly hooks: { readonly PreToolUse: readonly { readonly hooks: readonly PreToolUseHook[] }[] };
  readonly canUseTool: CanUseTool;
  readonly pathToClaudeCodeExecutable?: string;
  spawnClaudeCodeProcess(request: SpawnRequest): SpawnedProgram;
}

export interface ToolServer {
  readonly type: 'sdk';
  readonly name: string;
  readonly alwaysLoad: boolean;
  readonly instance: ToolConnection;
}

export type PreToolUseHook = (input: unknown) => Promise<JsonObject>;

export type CanUseTool = (
  toolName: string,
  input: JsonObject,
  options: { readonly signal: AbortSignal; readonly toolUseID?: string; readonly description?: string },
) => Promise<JsonObject>;

const PACKAGE = '@anthropic-ai/claude-agent-sdk';

/** `folder`: the one with `node_modules`. Fails with an `EngineError` that says how to install it. */
export async function loadAgentSdk(folder: string): Promise<AgentSdk> {
  const path = findPackage(folder);
  if (path === undefined) throw missing(folder);
  const module: unknown = await import(/* @vite-ignore */ pathToFileURL(path).href);
  if (!isAgentSdk(module)) throw unusable(path);
  return module;
}

function findPackage(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(PACKAGE);
  } catch {
    // It is not there; the caller says what to do.
    return undefined;
  }
}

function isAgentSdk(module: unknown): module is AgentSdk {
  return typeof module === 'object' && module !== null && 'query' in module && typeof module.query === 'function';
}

function missing(folder: string): EngineError {
  const message = `Cannot run the Claude Agent SDK: it is not installed in ${folder}; install it with 'npm install --prefix ${folder} ${PACKAGE}'`;
  return new EngineError(message, { code: 'unavailable', fields: { folder } });
}

function unusable(path: string): EngineError {
  const message = `Cannot run the Claude Agent SDK: ${path} is something else; install ${PACKAGE} anew`;
  return new EngineError(message, { code: 'unavailable', fields: { path } });
}
