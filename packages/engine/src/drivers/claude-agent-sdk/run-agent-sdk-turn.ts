// One turn: one query of the SDK, which is one process that goes on with the session. Its messages are the frames of Claude Code.
// spec: runtimes 4.3, 10.2.5
import { sleep } from '@puffo/base';
import { createSilenceWatch } from '../../program/silence-watch.ts';
import { secretsOf } from '../../program/program-environment.ts';
import { NO_USAGE, type TurnEvent, type TurnResult } from '../../session/create-session.ts';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailure, SessionOptions } from '../../spec/engine.ts';
import { buildClaudeEnvironment } from '../claude-code/claude-environment.ts';
import type { PermissionMemory } from '../claude-code/answer-permission.ts';
import { DISALLOWED_TOOLS, TOOL_SERVER } from '../claude-code/claude-arguments.ts';
import { classifyResult, isStaleSession, type TurnHints } from '../claude-code/classify-result.ts';
import { type AssistantMessage, type ClaudeFrame, readFrame, type ResultFacts } from '../claude-code/read-frame.ts';
import type { AgentSdkEngineOptions } from './agent-sdk-options.ts';
import { connectTools } from './connect-tools.ts';
import { createToolDecider } from './decide-tool.ts';
import type { AgentSdk, AgentSdkOptions } from './load-agent-sdk.ts';
import { createProgramSpawner } from './spawn-program.ts';

export interface AgentSdkTurn {
  readonly sdk: AgentSdk;
  readonly engine: AgentSdkEngineOptions;
  readonly session: SessionOptions;
  /** To go on with; absent: it begins. */
  readonly sessionId: string | undefined;
  readonly text: string;
  readonly memory: PermissionMemory;
  readonly signal: AbortSignal;
  onSession(sessionId: string): void;
  /** What it was to go on with does not exist. */
  onStale(): void;
}

export async function* runAgentSdkTurn(turn: AgentSdkTurn): AsyncGenerator<TurnEvent, TurnResult, void> {
  const { engine, session, signal } = turn;
  const ending = new AbortController();
  const spawner = createProgramSpawner(engine.placement, engine.workspaceDir);
  const decider = createToolDecider({ ...engine, askPermission: session.askPermission, memory: turn.memory });
  const tools = session.tools === undefined ? undefined : connectTools(session.tools, ending.signal);
  const reading: Reading = { turn, running: new Set(), hints: {}, isSilent: false, isAccepted: false };
  using silence = createSilenceWatch({
    silenceMs: engine.silenceMs,
    isWaiting: () => decider.isAsking() || tools?.isBusy() === true,
    onSilence() {
      reading.isSilent = true;
      ending.abort();
    },
  });
  function onAbort(): void {
    ending.abort();
  }
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  ending.signal.addEventListener('abort', () => void spawner.stop(), { once: true });
  try {
    const options = buildOptions(turn, { ending, tools, decider, spawn: spawner.spawn });
    const query = turn.sdk.query({ prompt: withoutCommand(turn.text), options });
    const result = yield* readQuery(query, reading, { touch: silence.touch, signal: ending.signal });
    return toTurnResult(result, reading, spawner.stderrTail());
  } finally {
    signal.removeEventListener('abort', onAbort);
    ending.abort();
    await spawner.stop();
  }
}

interface Parts {
  readonly ending: AbortController;
  readonly tools: ReturnType<typeof connectTools> | undefined;
  readonly decider: ReturnType<typeof createToolDecider>;
  readonly spawn: AgentSdkOptions['spawnClaudeCodeProcess'];
}

function buildOptions({ engine, session, sessionId }: AgentSdkTurn, parts: Parts): AgentSdkOptions {
  const { program, allowedTools, asksOperator = false, maxTurns, workspaceDir } = engine;
  const { ending, tools, decider, spawn } = parts;
  const server = { type: 'sdk', name: TOOL_SERVER, alwaysLoad: true } as const;
  return {
    abortController: ending,
    cwd: workspaceDir,
    env: buildClaudeEnvironment(engine),
    ...(session.model === '' ? {} : { model: session.model }),
    systemPrompt: { type: 'custom', prompt: session.systemPrompt, snapshot: false },
    ...(sessionId === undefined ? {} : { resume: sessionId }),
    maxTurns,
    // Tools that cannot be used anyway are not even shown.
    ...(allowedTools.length === 0 && !asksOperator ? { tools: [] } : {}),
    disallowedTools: DISALLOWED_TOOLS,
    // Neither the operator's files nor those above the workspace are for the agent.
    settingSources: [],
    strictMcpConfig: true,
    mcpServers: tools === undefined ? {} : { [TOOL_SERVER]: { ...server, instance: tools } },
    hooks: { PreToolUse: [{ hooks: [decider.beforeTool] }] },
    canUseTool: decider.canUseTool,
    ...(program === undefined ? {} : { pathToClaudeCodeExecutable: program }),
    spawnClaudeCodeProcess: spawn,
  };
}

/** A text that begins with a slash is a command to the program. */
function withoutCommand(text: string): string {
  return text.trimStart().startsWith('/') ? `Message:\n${text}` : text;
}

interface Reading {
  readonly turn: AgentSdkTurn;
  readonly running: Set<string>;
  hints: TurnHints;
  isSilent: boolean;
  isAccepted: boolean;
}

interface Listening {
  touch(): void;
  readonly signal: AbortSignal;
}

/** How long the program may take to end once it has said how the turn ended. */
const LEAVE_MS = 5000;

/** `undefined`: it ended without a result. */
async function* readQuery(
  query: AsyncGenerator<unknown, void>,
  reading: Reading,
  { touch, signal }: Listening,
): AsyncGenerator<TurnEvent, ResultFacts | undefined, void> {
  while (true) {
    const message = await nextMessage(query, signal);
    if (message === undefined) return undefined;
    touch();
    const frame = readFrame(JSON.stringify(message));
    if (frame.kind === 'result') {
      // It writes the transcript down before it ends; what it throws by then repeats the result.
      await Promise.race([drain(query, signal), sleep(LEAVE_MS, signal).catch(() => undefined)]);
      return frame.result;
    }
    yield* tell(frame, reading);
  }
}

async function drain(query: AsyncGenerator<unknown, void>, signal: AbortSignal): Promise<void> {
  while ((await nextMessage(query, signal)) !== undefined);
}

/** `undefined`: there is none, because it ended, failed, or was called off. */
async function nextMessage(query: AsyncGenerator<unknown, void>, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return undefined;
  const next = query.next().then(
    ({ done, value }) => (done === true ? undefined : value),
    // The result, or the end of the program, says more than this.
    () => undefined,
  );
  let stop: (() => void) | undefined;
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([next, stopped]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

function* tell(frame: ClaudeFrame, reading: Reading): Generator<TurnEvent, void, void> {
  if (frame.kind === 'assistant') {
    yield* tellMessage(frame.message, reading);
  } else if (frame.kind === 'tool_results') {
    for (const { callId, isError } of frame.results) {
      if (reading.running.delete(callId)) yield { kind: 'tool_end', callId, isError };
    }
  } else {
    if (frame.kind === 'init' && frame.sessionId !== '') reading.turn.onSession(frame.sessionId);
    if (frame.kind === 'retry') {
      reading.hints = { ...reading.hints, lastRetry: { error: frame.error, status: frame.status } };
    }
    yield { kind: 'progress' };
  }
}

function* tellMessage(message: AssistantMessage, reading: Reading): Generator<TurnEvent, void, void> {
  const { error, isSynthetic, isOfSubagent } = message;
  if (error !== undefined) reading.hints = { ...reading.hints, errorWord: error };
  if (!reading.isAccepted) {
    reading.isAccepted = true;
    yield { kind: 'accepted' };
  }
  for (const block of message.blocks) {
    if (block.kind === 'tool_use') {
      reading.running.add(block.callId);
      yield { kind: 'tool_start', callId: block.callId, name: block.name, input: block.input };
    } else if (!isOfSubagent && !isSynthetic && error === undefined && block.text !== '') {
      yield { kind: 'text', text: block.text };
    }
  }
}

function toTurnResult(result: ResultFacts | undefined, reading: Reading, stderr: string): TurnResult {
  const { turn, hints, isSilent } = reading;
  const { inputTokens, outputTokens } = result ?? NO_USAGE;
  const usage = { inputTokens, outputTokens };
  const secrets = secretsOf(turn.engine.environment);
  const failure = result === undefined ? undefined : classifyResult(result, hints, secrets);
  if (result !== undefined && failure === undefined) return { outcome: { kind: 'ok' }, usage };
  if (result !== undefined && isStaleSession(result)) turn.onStale();
  if (turn.signal.aborted) return { outcome: { kind: 'cancelled' }, usage };
  const crashed = driverFailure('crashed', `The Agent SDK ended in the middle of a turn: ${stderr}`, { secrets });
  const silent: EngineFailure = driverFailure('timeout', `The Agent SDK said nothing for ${turn.engine.silenceMs} ms`);
  return { outcome: { kind: 'failed', failure: isSilent ? silent : (failure ?? crashed) }, usage };
}
