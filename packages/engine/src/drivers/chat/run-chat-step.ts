// One question to the model: a streamed completion of the conversation so far. spec: runtimes 3
import { type JsonValue, safeParseJson } from '@puffo/base';
import { InvalidResponseDataError, type ModelMessage, streamText, type TextStreamPart, type ToolSet } from 'ai';
import { NO_USAGE, type TurnEvent } from '../../session/create-session.ts';
import type { EngineFailure, Usage } from '../../spec/engine.ts';
import { type Ending, failureOfEnding, failureOfError } from './chat-failure.ts';
import type { ChatSettings } from './chat-options.ts';
import { MAX_ANSWER_BYTES, MAX_CALLS, PROGRESS_MS } from './limits.ts';
import { nextPart } from './next-part.ts';
import { openModel, PROVIDER_OPTIONS, systemMessage } from './open-model.ts';

export interface ChatStep {
  readonly settings: ChatSettings;
  readonly model: string;
  readonly systemPrompt: string;
  readonly messages: readonly ModelMessage[];
  /** Absent: none are offered. */
  readonly tools: ToolSet | undefined;
  readonly signal: AbortSignal;
}

export interface StepAnswer {
  readonly kind: 'answer';
  readonly text: string;
  readonly calls: readonly StepCall[];
  /** The answer as this provider wants to see it again in the same turn, with what belongs to its thoughts. */
  readonly messages: readonly ModelMessage[];
  readonly usage: Usage;
}

export interface StepCall {
  readonly id: string;
  readonly name: string;
  /** As the model wrote it; may be anything. */
  readonly rawInput: JsonValue;
}

export type StepResult =
  | StepAnswer
  | { readonly kind: 'failed'; readonly failure: EngineFailure; readonly usage: Usage }
  | { readonly kind: 'cancelled'; readonly usage: Usage };

/** Says only `progress`; never throws. */
export async function* runChatStep(step: ChatStep): AsyncGenerator<TurnEvent, StepResult, void> {
  const ending = new AbortController();
  const answer = createAnswer();
  try {
    const { stream, readMessages } = openStream(step, AbortSignal.any([step.signal, ending.signal]));
    yield* readStream({ step, stream, answer });
    const result = toResult(step, answer);
    return result.kind === 'answer' && result.calls.length > 0 ? { ...result, messages: await readMessages() } : result;
  } catch (error) {
    return { kind: 'failed', failure: failureOfError(error, step.settings), usage: answer.usage };
  } finally {
    // Whatever is still on its way is not wanted any more.
    ending.abort();
  }
}

type Part = TextStreamPart<ToolSet>;

interface OpenedStream {
  readonly stream: AsyncIterator<Part>;
  /** Once the stream has ended. */
  readMessages(): Promise<readonly ModelMessage[]>;
}

function openStream(step: ChatStep, abortSignal: AbortSignal): OpenedStream {
  const { settings, model, systemPrompt, messages, tools } = step;
  const { maxOutputTokens } = settings;
  const result = streamText({
    model: openModel(settings, model),
    ...(systemPrompt === '' ? {} : { system: systemMessage(systemPrompt) }),
    messages: [...messages],
    ...(tools === undefined ? {} : { tools }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    providerOptions: PROVIDER_OPTIONS,
    // The daemon retries, and knows when.
    maxRetries: 0,
    abortSignal,
    // Pings and thinking are signs of life, too.
    includeRawChunks: true,
    // The stream says it as well; by default it would be printed.
    onError: () => undefined,
  });
  return {
    stream: result.fullStream[Symbol.asyncIterator](),
    async readMessages() {
      const response = await result.response;
      // Results are ours: the SDK has some of its own for calls that it cannot read.
      return response.messages.filter(({ role }) => role === 'assistant');
    },
  };
}

interface Answer {
  readonly texts: string[];
  readonly calls: StepCall[];
  bytes: number;
  usage: Usage;
  finish: Extract<Part, { readonly type: 'finish' }> | undefined;
  /** Why it is not read any further. */
  stop: Stop | undefined;
}

type Stop =
  | { readonly kind: 'aborted' }
  | { readonly kind: 'ending'; readonly ending: Ending }
  | { readonly kind: 'error'; readonly error: unknown };

function createAnswer(): Answer {
  return {
    texts: [],
    calls: [],
    bytes: 0,
    usage: NO_USAGE,
    finish: undefined,
    stop: undefined,
  };
}

interface Reading {
  readonly step: ChatStep;
  readonly stream: AsyncIterator<Part>;
  readonly answer: Answer;
}

async function* readStream({ step, stream, answer }: Reading): AsyncGenerator<TurnEvent, void, void> {
  const { clock, silenceMs } = step.settings;
  let told = Number.NEGATIVE_INFINITY;
  while (answer.stop === undefined) {
    const next = await nextPart(stream, { signal: step.signal, silenceMs });
    if (next.kind === 'end') return;
    if (next.kind === 'aborted') answer.stop = next;
    else if (next.kind === 'silent') answer.stop = { kind: 'ending', ending: 'silent' };
    else takePart(next.part, { step, answer });
    if (next.kind === 'part' && isSignOfLife(next.part) && clock() - told >= PROGRESS_MS) {
      told = clock();
      yield { kind: 'progress' };
    }
  }
}

/** The SDK begins by itself, before anybody answered. */
function isSignOfLife({ type }: Part): boolean {
  return type !== 'start' && type !== 'start-step';
}

function takePart(part: Part, { step, answer }: Omit<Reading, 'stream'>): void {
  if (part.type === 'text-delta') {
    answer.texts.push(part.text);
    weigh(part.text, answer);
  } else if (part.type === 'tool-call') {
    // Without tools, it called for something that it was not offered.
    if (step.tools !== undefined) takeCall(part, answer);
  } else if (part.type === 'finish') {
    const { inputTokens, outputTokens } = part.totalUsage;
    answer.finish = part;
    answer.usage = { inputTokens: toCount(inputTokens), outputTokens: toCount(outputTokens) };
  } else if (part.type === 'error') {
    answer.stop = { kind: 'error', error: part.error };
  } else if (part.type === 'abort') {
    answer.stop = { kind: 'aborted' };
  }
}

function weigh(text: string, answer: Answer): void {
  answer.bytes += Buffer.byteLength(text);
  if (answer.bytes > MAX_ANSWER_BYTES) answer.stop = { kind: 'ending', ending: 'too_long' };
}

function takeCall(
  { toolCallId, toolName, input }: Extract<Part, { readonly type: 'tool-call' }>,
  answer: Answer,
): void {
  const written = JSON.stringify(input ?? {});
  answer.calls.push({ id: toolCallId, name: toolName, rawInput: readInput(written) });
  weigh(written, answer);
  if (answer.calls.length > MAX_CALLS) answer.stop = { kind: 'ending', ending: 'too_long' };
}

const INPUT_LIMITS = { maxLength: MAX_ANSWER_BYTES, maxDepth: 32, integers: 'any' } as const;

/** What cannot be read goes on as text: who runs the tool says so to the model. */
function readInput(written: string): JsonValue {
  const read = safeParseJson(written, INPUT_LIMITS);
  return read.kind === 'value' ? read.value : written;
}

function toCount(tokens: number | undefined): number {
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0;
}

function toResult({ settings, signal }: ChatStep, answer: Answer): StepResult {
  const { stop, usage, calls } = answer;
  if (signal.aborted || stop?.kind === 'aborted') return { kind: 'cancelled', usage };
  const text = answer.texts.join('');
  if (stop?.kind === 'error') {
    // A server may just stop in the middle, which the SDK of compatible servers calls an error of its own.
    const isCutShort = (text !== '' || calls.length > 0) && InvalidResponseDataError.isInstance(stop.error);
    const failure = isCutShort ? failureOfEnding('incomplete', settings) : failureOfError(stop.error, settings);
    return { kind: 'failed', failure, usage };
  }
  const ending = stop?.ending ?? findEnding(answer, text);
  return ending === undefined
    ? { kind: 'answer', text, calls, messages: [], usage }
    : { kind: 'failed', failure: failureOfEnding(ending, settings), usage };
}

/** Why a stream that ended properly as HTTP sees it is no answer. */
function findEnding({ finish, calls }: Answer, text: string): Ending | undefined {
  const saysNothing = text.trim() === '' && calls.length === 0;
  switch (finish?.finishReason) {
    case 'stop':
      return undefined;
    case 'content-filter':
      return 'refused';
    case 'length':
      // What it called for may be cut short.
      return saysNothing || calls.length > 0 ? findLimit(finish) : undefined;
    case 'tool-calls':
      // Without tools, what it said before it tried is what it said.
      return saysNothing ? 'not_an_answer' : undefined;
    case 'other':
      // A reason that the SDK does not know is one; no reason at all means that the end is missing.
      if (saysNothing) return 'not_an_answer';
      return finish.rawFinishReason === undefined ? 'incomplete' : undefined;
    case 'error':
    case undefined:
      return 'not_an_answer';
  }
}

function findLimit({ rawFinishReason }: Extract<Part, { readonly type: 'finish' }>): Ending {
  return rawFinishReason === 'model_context_window_exceeded' ? 'context_full' : 'out_of_tokens';
}
