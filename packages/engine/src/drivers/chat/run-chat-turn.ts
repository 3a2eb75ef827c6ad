// One turn: the model is asked, what it calls for is done, and it is asked again, until it calls for nothing more. Text is said at
// the end, so that what fails has said nothing. spec: runtimes 3, mcp-tools 1.2
import { isJsonObject } from '@puffo/base';
import { jsonSchema, type ModelMessage, type ToolSet } from 'ai';
import { NO_USAGE, type TurnEvent } from '../../session/create-session.ts';
import type { EngineFailure, Usage } from '../../spec/engine.ts';
import type { ToolHost } from '../../spec/tools.ts';
import { failureOfEnding } from './chat-failure.ts';
import type { ChatSettings } from './chat-options.ts';
import { type ConversationLog, type LogEntry, sizeOfEntry } from './conversation-log.ts';
import { MAX_LOG_BYTES, MAX_STEPS } from './limits.ts';
import { runChatStep, type StepAnswer } from './run-chat-step.ts';
import { type RequestedCall, runTools, type ToolKit } from './run-tools.ts';
import { toMessages, toResultMessage } from './to-messages.ts';

export interface ChatTurn {
  readonly settings: ChatSettings;
  readonly model: string;
  readonly systemPrompt: string;
  /** Ends with the input of this turn. */
  readonly log: ConversationLog;
  /** Absent: the model speaks, and nothing else. */
  readonly tools: ToolKit | undefined;
  readonly signal: AbortSignal;
}

export interface ChatResult {
  /** What the session has to remember after its input. Empty when nothing was done and nothing answered. */
  readonly entries: ConversationLog;
  readonly usage: Usage;
  readonly ending:
    | { readonly kind: 'answer'; readonly texts: readonly string[] }
    | { readonly kind: 'failed'; readonly failure: EngineFailure }
    | { readonly kind: 'cancelled' };
}

/** Says only `progress` and what tools do; never throws. */
export async function* runChatTurn(turn: ChatTurn): AsyncGenerator<TurnEvent, ChatResult, void> {
  const { settings, model, systemPrompt, log, tools: kit, signal } = turn;
  const tools = kit === undefined ? undefined : describeTools(kit.host);
  const messages: ModelMessage[] = [...toMessages(log)];
  const entries: LogEntry[] = [];
  let usage = NO_USAGE;
  let bytes = 0;

  function end(ending: ChatResult['ending']): ChatResult {
    return { entries, usage, ending };
  }

  for (let step = 1; step <= MAX_STEPS; step++) {
    const result = yield* runChatStep({ settings, model, systemPrompt, messages, tools, signal });
    usage = addUsage(usage, result.usage);
    if (result.kind === 'failed') return end({ kind: 'failed', failure: result.failure });
    if (result.kind === 'cancelled') return end({ kind: 'cancelled' });
    const { text, messages: answered } = result;
    if (kit === undefined || result.calls.length === 0) {
      if (!isBlank(text)) entries.push({ role: 'assistant', text });
      return end({ kind: 'answer', texts: listTexts(entries) });
    }
    const called = toEntry(result);
    bytes += sizeOfEntry(called);
    if (bytes > MAX_LOG_BYTES) return end(fail('too_long', settings));
    // Nobody would tell the model what came of it.
    if (step === MAX_STEPS) break;
    const results = yield* runTools(toRequested(result), kit, signal);
    const done: LogEntry = { role: 'tool', results };
    entries.push(called, done);
    bytes += sizeOfEntry(done);
    messages.push(...answered, toResultMessage(results));
    if (signal.aborted) return end({ kind: 'cancelled' });
    if (bytes > MAX_LOG_BYTES) return end(fail('too_long', settings));
  }
  return end(fail('too_many_steps', settings));
}

/** They are called by us, so the SDK gets nothing that it could run. */
function describeTools(host: ToolHost): ToolSet {
  return Object.fromEntries(
    host
      .listTools()
      .map(({ name, description, inputSchema }) => [
        name,
        { description, inputSchema: jsonSchema<unknown>(inputSchema) },
      ]),
  );
}

function toRequested({ calls }: StepAnswer): readonly RequestedCall[] {
  return calls.map((call) => ({ ...call, input: isJsonObject(call.rawInput) ? call.rawInput : {} }));
}

function toEntry(answer: StepAnswer): LogEntry {
  const calls = toRequested(answer).map(({ id, name, input }) => ({ id, name, input }));
  return { role: 'assistant', text: answer.text, calls };
}

function listTexts(entries: ConversationLog): readonly string[] {
  return entries.flatMap((entry) => (entry.role === 'assistant' && !isBlank(entry.text) ? [entry.text] : []));
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function fail(ending: 'too_long' | 'too_many_steps', settings: ChatSettings): ChatResult['ending'] {
  return { kind: 'failed', failure: failureOfEnding(ending, settings) };
}

function addUsage(left: Usage, right: Usage): Usage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
  };
}
