// One call from its arguments to its answer: checked, in order, within its time, recorded. spec: mcp-tools 3.5 to 3.8
import { type Clock, createKeyedMutex, createSlots, type JsonValue, type Logger } from '@puffo/base';
import type { ToolAnswer } from '@puffo/engine';
import { type EnvelopeId, isEnvelopeId } from '@puffo/protocol';
import type { NewToolCall, ToolCallOutcome } from '../store/tool-calls.ts';
import { fitText, MAX_RESULT_CHARACTERS } from './fit-text.ts';
import { hideSecrets } from './hide-secrets.ts';
import { createSeenNotes } from './memory/seen-notes.ts';
import type { RateLimit } from './rate-window.ts';
import { createSpeakLimit } from './speak/speak-limit.ts';
import { withDeadline } from './tool-deadline.ts';
import type { ToolDefinition, ToolKind, ToolResult } from './tool-definition.ts';
import { ToolError, toolErrorOf } from './tool-error.ts';
import type { ToolParts } from './tool-parts.ts';
import type { OpenTurn } from './turn-ledger.ts';

const TIMEOUTS_MS: Readonly<Record<ToolKind, number>> = { read: 20_000, speak: 60_000, self: 30_000 };
const READS_AT_ONCE = 8;
const MAX_NAME = 50;
/** Less than a tool that speaks may take. */
const SEND_WAIT_MS = 40_000;

export interface Call {
  readonly tool: ToolDefinition;
  readonly input: JsonValue;
  /** The same for the same call. */
  readonly callKey: string;
  readonly inputDigest: string;
  /** `undefined`: in the background. */
  readonly turn: OpenTurn | undefined;
  readonly signal: AbortSignal;
}

export interface RunOptions {
  /** Of what is said; absent: 30 a minute, 300 an hour. */
  readonly speakLimits?: readonly RateLimit[] | undefined;
  /** How long a message may take to reach the server before it is said to be on its way; absent: 40 s. */
  readonly sendWaitMs?: number | undefined;
  /** Until the agent stops. */
  readonly lasting: AbortSignal;
}

export type RunCall = (call: Call) => Promise<ToolAnswer>;

/** Fails only when nothing can be recorded beforehand; then nothing was done. */
export function createRunCall(parts: ToolParts, options: RunOptions): RunCall {
  const { store, logger, clock } = parts;
  const run = createRunTool(parts, options);

  async function recordEnd(record: NewToolCall, outcome: ToolCallOutcome): Promise<void> {
    try {
      await store.endToolCall(record, outcome);
    } catch (error) {
      // What came of it is true all the same; said again, it would be said twice.
      logger.error('tool-not-recorded', { tool: record.tool, error: stackOf(error) });
    }
  }

  return async (call) => {
    const { tool, turn, signal } = call;
    const record = recordOf(call, clock());
    // What leaves is recorded first.
    if (tool.kind === 'speak') await store.beginToolCall(record);
    let outcome: ToolCallOutcome;
    try {
      const result = await run(call);
      const { speech } = result;
      if (speech !== undefined) turn?.sends.push({ tool: tool.name, messageId: speech.messageId });
      outcome = outcomeOf(result, textOf(result, parts));
    } catch (error) {
      const failure = signal.aborted ? calledOff() : toolErrorOf(error);
      if (failure.code === 'internal') logger.error('tool-failed', { tool: tool.name, error: stackOf(error) });
      const text = textOf({ text: failure.message }, parts);
      outcome = { isError: true, code: failure.code, text, envelopeId: undefined, speechDigest: undefined };
    }
    // A call that was only called off is run, when it comes again.
    const isFinal = !(outcome.isError && signal.aborted);
    if (isFinal) await recordEnd(record, outcome);
    noteCall(call, { outcome, startedAt: record.startedAt, logger, clock });
    return { text: outcome.text, isError: outcome.isError };
  };
}

function createRunTool(parts: ToolParts, { speakLimits, sendWaitMs = SEND_WAIT_MS, lasting }: RunOptions) {
  const lanes = createKeyedMutex<ToolKind>();
  const readSlots = createSlots(READS_AT_ONCE);
  const speakLimit = createSpeakLimit(parts, speakLimits);
  const seenNotes = createSeenNotes(parts.clock());

  /** Those that change something, one after the other of their kind. */
  function inLane<Result>(kind: ToolKind, work: () => Promise<Result>): Promise<Result> {
    return kind === 'read' ? readSlots.run(work) : lanes.run(kind, work);
  }

  return async ({ tool, input, callKey, turn, signal }: Call): Promise<ToolResult> => {
    const prepared = tool.prepare(input);
    if (prepared.kind === 'refused') {
      throw new ToolError('invalid_argument', `Cannot call ${tool.name}: ${prepared.problems.join('; ')}`);
    }
    const timeoutMs = tool.timeoutMs ?? TIMEOUTS_MS[tool.kind];
    const result = await inLane(tool.kind, () => {
      signal.throwIfAborted();
      if (tool.kind === 'speak') speakLimit.take();
      return withDeadline(
        (ending) => prepared.run({ parts, callKey, turn, seenNotes, sendWaitMs, lasting, signal: ending }),
        {
          timeoutMs,
          signal,
          endsByItself: tool.kind === 'speak',
        },
      );
    });
    if (tool.kind !== 'speak' || prepared.ignored.length === 0) return result;
    const names = prepared.ignored.map((each) => `\`${each.slice(0, MAX_NAME)}\``).join(', ');
    return { ...result, text: `${result.text}\nnote: ${tool.name} has no ${names}; ignored` };
  };
}

function recordOf({ tool, callKey, inputDigest, turn }: Call, startedAt: number): NewToolCall {
  const { name, kind } = tool;
  return { callKey, tool: name, kind, turnId: turn?.turnId, triggerId: turn?.messageIds[0], inputDigest, startedAt };
}

function outcomeOf({ speech }: ToolResult, text: string): ToolCallOutcome {
  const code = speech?.isQueued === true ? 'unknown_outcome' : undefined;
  return { isError: false, code, text, envelopeId: envelopeIdOf(speech?.messageId), speechDigest: speech?.digest };
}

function envelopeIdOf(id: string | undefined): EnvelopeId | undefined {
  return isEnvelopeId(id) ? id : undefined;
}

function textOf({ text, maxCharacters = MAX_RESULT_CHARACTERS }: ToolResult, { secrets, config }: ToolParts): string {
  const own = [config().runtime.apiKey, ...(secrets?.() ?? [])];
  return hideSecrets(fitText(text, { maxCharacters }), own);
}

interface CallEnd {
  readonly outcome: ToolCallOutcome;
  readonly startedAt: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Names and sizes, never what was said. spec: mcp-tools 11 */
function noteCall({ tool, callKey, turn }: Call, { outcome, startedAt, logger, clock }: CallEnd): void {
  logger.info('tool-call', {
    tool: tool.name,
    callId: callKey,
    turnId: turn?.turnId,
    isBackground: turn === undefined,
    outcome: outcome.code ?? (outcome.isError ? 'failed' : 'ok'),
    messageId: outcome.envelopeId,
    durationMs: clock() - startedAt,
  });
}

function calledOff(): ToolError {
  return new ToolError('unavailable', 'Cannot finish this: the call was called off');
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.name) : typeof error;
}
