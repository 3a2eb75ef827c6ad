// One turn: a streamed completion of the conversation so far. Text is said at the end, whole, so that what fails has said
// nothing and can be tried again. spec: runtimes 3
import { InvalidResponseDataError, streamText, type TextStreamPart, type ToolSet } from 'ai';
import { NO_USAGE, type TurnEvent } from '../../session/create-session.ts';
import type { EngineFailure, Usage } from '../../spec/engine.ts';
import { type Ending, failureOfEnding, failureOfError } from './chat-failure.ts';
import type { ChatSettings } from './chat-options.ts';
import { type ConversationLog, mergeNeighbours } from './conversation-log.ts';
import { MAX_ANSWER_BYTES, PROGRESS_MS } from './limits.ts';
import { nextPart } from './next-part.ts';
import { openModel, PROVIDER_OPTIONS, systemMessage } from './open-model.ts';

export interface ChatTurn {
  readonly settings: ChatSettings;
  readonly model: string;
  readonly systemPrompt: string;
  /** Ends with the input of this turn. */
  readonly log: ConversationLog;
  readonly signal: AbortSignal;
}

export type ChatResult =
  | { readonly kind: 'answer'; readonly text: string; readonly usage: Usage }
  | { readonly kind: 'failed'; readonly failure: EngineFailure; readonly usage: Usage }
  | { readonly kind: 'cancelled'; readonly usage: Usage };

/** Says only `progress`; never throws. */
export async function* runChatTurn(turn: ChatTurn): AsyncGenerator<TurnEvent, ChatResult, void> {
  const ending = new AbortController();
  const answer = createAnswer();
  try {
    const stream = openStream(turn, AbortSignal.any([turn.signal, ending.signal]));
    yield* readStream({ turn, stream, answer });
    return toResult(turn, answer);
  } catch (error) {
    return { kind: 'failed', failure: failureOfError(error, turn.settings), usage: answer.usage };
  } finally {
    // Whatever is still on its way is not wanted any more.
    ending.abort();
  }
}

type Part = TextStreamPart<ToolSet>;

function openStream({ settings, model, systemPrompt, log }: ChatTurn, abortSignal: AbortSignal): AsyncIterator<Part> {
  const { maxOutputTokens } = settings;
  const { fullStream } = streamText({
    model: openModel(settings, model),
    ...(systemPrompt === '' ? {} : { system: systemMessage(systemPrompt) }),
    messages: mergeNeighbours(log).map(({ role, text }) => ({ role, content: text })),
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
  return fullStream[Symbol.asyncIterator]();
}

interface Answer {
  readonly texts: string[];
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
    bytes: 0,
    usage: NO_USAGE,
    finish: undefined,
    stop: undefined,
  };
}

interface Reading {
  readonly turn: ChatTurn;
  readonly stream: AsyncIterator<Part>;
  readonly answer: Answer;
}

async function* readStream({ turn, stream, answer }: Reading): AsyncGenerator<TurnEvent, void, void> {
  const { clock, silenceMs } = turn.settings;
  let told = Number.NEGATIVE_INFINITY;
  while (answer.stop === undefined) {
    const next = await nextPart(stream, { signal: turn.signal, silenceMs });
    if (next.kind === 'end') return;
    if (next.kind === 'aborted') answer.stop = next;
    else if (next.kind === 'silent') answer.stop = { kind: 'ending', ending: 'silent' };
    else takePart(next.part, answer);
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

function takePart(part: Part, answer: Answer): void {
  if (part.type === 'text-delta') {
    answer.texts.push(part.text);
    answer.bytes += Buffer.byteLength(part.text);
    if (answer.bytes > MAX_ANSWER_BYTES) answer.stop = { kind: 'ending', ending: 'too_long' };
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

function toCount(tokens: number | undefined): number {
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0;
}

function toResult({ settings, signal }: ChatTurn, answer: Answer): ChatResult {
  const { stop, usage } = answer;
  if (signal.aborted || stop?.kind === 'aborted') return { kind: 'cancelled', usage };
  const text = answer.texts.join('');
  if (stop?.kind === 'error') {
    // A server may just stop in the middle, which the SDK of compatible servers calls an error of its own.
    const isCutShort = text !== '' && InvalidResponseDataError.isInstance(stop.error);
    const failure = isCutShort ? failureOfEnding('incomplete', settings) : failureOfError(stop.error, settings);
    return { kind: 'failed', failure, usage };
  }
  const ending = stop?.ending ?? findEnding(answer, text);
  return ending === undefined
    ? { kind: 'answer', text, usage }
    : { kind: 'failed', failure: failureOfEnding(ending, settings), usage };
}

/** Why a stream that ended properly as HTTP sees it is no answer. */
function findEnding({ finish }: Answer, text: string): Ending | undefined {
  const isEmpty = text.trim() === '';
  switch (finish?.finishReason) {
    case 'stop':
      return undefined;
    case 'content-filter':
      return 'refused';
    case 'length':
      if (!isEmpty) return undefined;
      return finish.rawFinishReason === 'model_context_window_exceeded' ? 'context_full' : 'out_of_tokens';
    case 'tool-calls':
      // It has no tools; what it said before it tried is what it said.
      return isEmpty ? 'not_an_answer' : undefined;
    case 'other':
      // A reason that the SDK does not know is one; no reason at all means that the end is missing.
      if (isEmpty) return 'not_an_answer';
      return finish.rawFinishReason === undefined ? 'incomplete' : undefined;
    case 'error':
    case undefined:
      return 'not_an_answer';
  }
}
