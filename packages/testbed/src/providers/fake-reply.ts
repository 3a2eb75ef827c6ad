// What a test says a provider answers, in words that do not depend on the provider. Plain data: `replies` only saves typing.
import type { JsonObject } from '@puffo/base';
import type { ProviderErrorName } from './provider-error.ts';

export interface TokenUsage {
  /** Everything that was read, cached tokens included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'refusal';

export interface ErrorDetails {
  readonly error: ProviderErrorName;
  /** Instead of what this provider says by default. */
  readonly message?: string;
  readonly status?: number;
  /** Anthropic's `error.type`, OpenAI's `error.code`, Google's `error.status`. */
  readonly code?: string;
  /** Sent where the provider sends it: a header, at Google a detail of the body. */
  readonly retryAfterSeconds?: number;
}

/** One thing after the other. In an answer that is not streamed, pauses come first and the rest is one body. */
export type AnswerStep =
  /** One event of the stream for each chunk; neighbouring texts are one block. */
  | { readonly kind: 'text'; readonly chunks: readonly string[] }
  | { readonly kind: 'thinking'; readonly chunks: readonly string[] }
  | {
      readonly kind: 'tool_call';
      readonly name: string;
      readonly input: JsonObject;
      /** Made up when absent. */
      readonly id?: string;
    }
  | { readonly kind: 'refusal'; readonly text: string }
  /** Nothing more until the test lets it. */
  | { readonly kind: 'pause'; readonly until: PromiseLike<unknown> }
  /** The connection is gone in the middle of the answer. */
  | { readonly kind: 'cut' }
  /** Ends properly as HTTP sees it, and is not complete: what a proxy makes of a provider that went away. */
  | { readonly kind: 'end' }
  /** The connection stays and nothing comes any more, until the client gives up. */
  | { readonly kind: 'hang' }
  /** Half an event, or half a body. */
  | { readonly kind: 'malformed' }
  /** An error after the answer began; in an answer that is not streamed, the error instead of it. */
  | ({ readonly kind: 'error' } & ErrorDetails);

export interface AnswerReply {
  readonly kind: 'answer';
  readonly steps: readonly AnswerStep[];
  /** Default: what follows from the steps. */
  readonly finish?: FinishReason;
  /** Default: estimated from the lengths of request and answer. */
  readonly usage?: TokenUsage;
  /** Not even the head of the answer before that. */
  readonly startAfter?: PromiseLike<unknown>;
  readonly delayMs?: number;
}

export type FakeReply =
  /** The same as an answer of one text. */
  | string
  | AnswerReply
  | ({ readonly kind: 'error'; readonly startAfter?: PromiseLike<unknown> } & ErrorDetails)
  /** No head, no byte, until the client gives up. */
  | { readonly kind: 'hang' }
  /** Not the provider's words at all: a gateway's page, an empty body, a wrong content type. */
  | {
      readonly kind: 'raw';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };

export type AnswerOptions = Omit<AnswerReply, 'kind' | 'steps'>;

const LARGE_LINE = 'A line of a large answer, with some ünïcödé — and "quotes".\n';
const GATEWAY_PAGE =
  '<!doctype html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>';

export const replies = {
  text: replyText,
  toolCall: replyToolCall,
  steps: replySteps,
  empty: replyEmpty,
  refusal: replyRefusal,
  error: replyError,
  hang: replyHang,
  cut: replyCut,
  malformed: replyMalformed,
  large: replyLarge,
  page: replyPage,
} as const;

/** One text, in the given chunks or in chunks of our choice. */
function replyText(text: string | readonly string[], options: AnswerOptions = {}): AnswerReply {
  return replySteps([textStep(text)], options);
}

/** `text` is what the model says before it calls. */
function replyToolCall(
  call: { readonly name: string; readonly input?: JsonObject; readonly id?: string; readonly text?: string },
  options: AnswerOptions = {},
): AnswerReply {
  const { text, input = {}, ...rest } = call;
  const before = text === undefined ? [] : [textStep(text)];
  return replySteps([...before, { kind: 'tool_call', input, ...rest }], options);
}

function replySteps(steps: readonly AnswerStep[], options: AnswerOptions = {}): AnswerReply {
  return { kind: 'answer', steps, ...options };
}

function replyEmpty(options: AnswerOptions = {}): AnswerReply {
  return replySteps([], options);
}

function replyRefusal(text: string, options: AnswerOptions = {}): AnswerReply {
  return replySteps([{ kind: 'refusal', text }], options);
}

function replyError(error: ProviderErrorName, details: Omit<ErrorDetails, 'error'> = {}): FakeReply {
  return { kind: 'error', error, ...details };
}

function replyHang(): FakeReply {
  return { kind: 'hang' };
}

/** Says something, and is gone before the end. */
function replyCut(text: string | readonly string[]): AnswerReply {
  return replySteps([textStep(text), { kind: 'cut' }]);
}

function replyMalformed(text: string | readonly string[]): AnswerReply {
  return replySteps([textStep(text), { kind: 'malformed' }]);
}

/** A text of at least `bytes` bytes. */
function replyLarge(bytes = 200_000): AnswerReply {
  return replyText(LARGE_LINE.repeat(Math.ceil(bytes / LARGE_LINE.length)));
}

/** What a proxy on the way says in the provider's place. */
function replyPage(status = 200): FakeReply {
  return { kind: 'raw', status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: GATEWAY_PAGE };
}

function textStep(text: string | readonly string[]): AnswerStep {
  return { kind: 'text', chunks: typeof text === 'string' ? splitText(text) : text };
}

/** Most answers arrive in a handful of events; a long one in some tens. */
const CHUNKS_OF_TEXT = 40;
const LEAST_CHUNK = 8;

/** Cuts between characters, never inside one. */
export function splitText(text: string): readonly string[] {
  const characters = Array.from(text);
  const size = Math.max(LEAST_CHUNK, Math.ceil(characters.length / CHUNKS_OF_TEXT));
  const count = Math.ceil(characters.length / size);
  return Array.from({ length: count }, (_, index) => characters.slice(index * size, (index + 1) * size).join(''));
}
