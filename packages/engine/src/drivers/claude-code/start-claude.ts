// Starts Claude Code and waits until it is ready; tells apart why it is not. spec: runtimes 10.2.1, 10.2.3, 10.2.10
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom } from '@puffo/base';
import { makePrivateFolder, writePrivateFile } from '@puffo/host';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailure, SessionOptions } from '../../spec/engine.ts';
import { createMcpResponder } from '../../mcp/answer-mcp.ts';
import { secretsOf } from '../../program/program-environment.ts';
import type { ProgramEngineOptions } from '../../spec/program-options.ts';
import type { PermissionMemory } from './answer-permission.ts';
import { buildClaudeArguments, type ClaudePermission, TOOL_SERVER } from './claude-arguments.ts';
import { buildClaudeEnvironment } from './claude-environment.ts';
import { type ClaudeProcess, createClaudeProcess } from './claude-process.ts';
import { isStaleSession } from './classify-result.ts';

export interface ClaudeSettings extends ProgramEngineOptions {
  readonly permission: ClaudePermission;
  readonly mcpConfigFile?: string | undefined;
  readonly disallowedTools: readonly string[];
}

export interface ClaudeStart {
  readonly settings: ClaudeSettings;
  readonly options: SessionOptions;
  readonly session: { readonly kind: 'new' | 'resumed'; readonly id: string };
  readonly memory: PermissionMemory;
  /** It is not wanted any more. */
  readonly signal: AbortSignal;
}

export type StartResult =
  | { readonly kind: 'ready'; readonly process: ClaudeProcess }
  /** There is no such session: what it held is lost, and only that. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'failed'; readonly failure: EngineFailure };

const START_MS = 30_000;

/** Fails with an `EngineError` when the program cannot be started at all. */
export async function startClaude(start: ClaudeStart): Promise<StartResult> {
  const { settings, options, memory, signal } = start;
  const promptFile = await writePrompt(settings.agentDir, options.systemPrompt);
  try {
    const { placement, program, workspaceDir: folder } = settings;
    const environment = buildClaudeEnvironment(settings);
    const args = buildClaudeArguments({ ...settings, promptFile, session: start.session, model: options.model });
    const handle = await placement.start({ program, args, environment, folder });
    const { tools, askPermission } = options;
    const mcp = tools === undefined ? undefined : createMcpResponder(tools);
    const process = createClaudeProcess(handle, { mcp, askPermission, memory });
    const sdkMcpServers = mcp === undefined ? [] : [TOOL_SERVER];
    return await untilReady(process, { sdkMcpServers, secrets: secretsOf(environment), signal });
  } finally {
    // It has been read.
    await rm(promptFile, { force: true });
  }
}

interface Handshake {
  readonly sdkMcpServers: readonly string[];
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

async function untilReady(process: ClaudeProcess, { sdkMcpServers, secrets, signal }: Handshake): Promise<StartResult> {
  let isStale = false;
  const ignore = process.listen((frame) => {
    if (frame.kind === 'result') isStale ||= isStaleSession(frame.result);
  });
  let isLate = false;
  function stop(): void {
    void process.stop();
  }
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, START_MS);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    // Without the last one, later versions go on with the system prompt that the session began with.
    await process.control({ subtype: 'initialize', sdkMcpServers, systemPromptSnapshot: false });
    return { kind: 'ready', process };
  } catch (error) {
    await process.stop();
    if (isStale) return { kind: 'stale' };
    if (isLate) return failed('timeout', `Claude Code was not ready after ${START_MS} ms`);
    const why = process.stderrTail().trim();
    return failed('protocol', explain(why === '' && error instanceof Error ? error.message : why));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    ignore();
  }

  function failed(failureClass: 'timeout' | 'protocol', detail: string): StartResult {
    return { kind: 'failed', failure: driverFailure(failureClass, detail, { secrets }) };
  }
}

function explain(why: string): string {
  if (/cannot be used with root\/sudo privileges/.test(why)) return ROOT_REFUSED;
  return `Cannot start Claude Code: ${why === '' ? 'it ended without a word' : why}`;
}

export const ROOT_REFUSED =
  'Cannot start Claude Code with permission_mode bypassPermissions as root: it refuses that; run the daemon as an ordinary user, or set runtime.permission_mode to default or acceptEdits';

const FOLDER = '.puffo-engine';
const ID_BYTES = 8;

async function writePrompt(agentDir: string, prompt: string): Promise<string> {
  const folder = join(agentDir, FOLDER);
  await makePrivateFolder(folder);
  const file = join(folder, `prompt-${Buffer.from(systemRandom.bytes(ID_BYTES)).toString('hex')}.md`);
  await writePrivateFile(file, prompt);
  return file;
}
