// Sends a reply in the words of one wire format: as one body, or step by step as a stream.
import type { JsonObject } from '@puffo/base';
import type { AnswerReply, AnswerStep, ErrorDetails, FakeReply, FinishReason, TokenUsage } from './fake-reply.ts';
import { splitText } from './fake-reply.ts';
import type { FakeRequest } from './fake-request.ts';
import type { Outgoing } from './outgoing.ts';
import { buildProviderError, type ErrorContext, type ProviderError } from './provider-error.ts';
import type { AnswerBlock, AnswerContext, Dialect, Route, StreamWriter } from './wire/dialect.ts';

export interface Exchange {
  readonly route: Route;
  readonly request: FakeRequest;
  readonly outgoing: Outgoing;
  readonly now: number;
  createId(prefix: string): string;
  /** Sends the head and records its status. */
  start(status: number, headers: Readonly<Record<string, string>>): void;
}

export type Played = 'answered' | 'cut';

/** Sends `reply` and resolves when its last byte is on the way. */
export async function playReply(reply: FakeReply, dialect: Dialect, exchange: Exchange): Promise<Played> {
  if (typeof reply === 'string') return playAnswer(toAnswer(reply), dialect, exchange);
  switch (reply.kind) {
    case 'answer':
      return playAnswer(reply, dialect, exchange);
    case 'error':
      if (reply.startAfter !== undefined) await exchange.outgoing.wait(reply.startAfter);
      return playError(reply, exchange);
    case 'hang':
      return hang(exchange);
    case 'raw':
      return sendText(exchange, { status: reply.status, headers: reply.headers, text: reply.body });
  }
}

function toAnswer(text: string): AnswerReply {
  return { kind: 'answer', steps: [{ kind: 'text', chunks: splitText(text) }] };
}

async function hang({ outgoing }: Exchange): Promise<never> {
  return outgoing.wait(new Promise<never>(() => undefined));
}

export async function playError(details: ErrorDetails, exchange: Exchange, param?: string): Promise<Played> {
  const { status, headers, body } = buildProviderError(exchange.route.api, details, {
    ...errorContext(exchange),
    ...(param === undefined ? {} : { param }),
  });
  // Google's array of answers is an array with an error, too.
  const text = JSON.stringify(exchange.route.stream === 'array' ? [body] : body);
  return sendText(exchange, { status, headers: { 'content-type': 'application/json', ...headers }, text });
}

function errorContext({ request, route, createId }: Exchange): ErrorContext {
  return { model: request.model === '' ? route.model : request.model, requestId: createId('req_') };
}

export async function playBody(body: JsonObject, exchange: Exchange): Promise<Played> {
  return sendText(exchange, { status: 200, headers: answerHeaders(exchange), text: JSON.stringify(body) });
}

function answerHeaders({ createId, route }: Exchange): Readonly<Record<string, string>> {
  const json = { 'content-type': 'application/json' };
  if (route.api === 'google') return json;
  return { ...json, [route.api === 'anthropic' ? 'request-id' : 'x-request-id']: createId('req_') };
}

interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

async function sendText(exchange: Exchange, { status, headers, text }: PlainAnswer): Promise<Played> {
  exchange.start(status, { ...headers, 'content-length': String(Buffer.byteLength(text)) });
  await exchange.outgoing.end(exchange.request.method === 'HEAD' ? '' : text);
  return 'answered';
}

async function playAnswer(answer: AnswerReply, dialect: Dialect, exchange: Exchange): Promise<Played> {
  const { outgoing, request } = exchange;
  if (answer.delayMs !== undefined) await outgoing.sleep(answer.delayMs);
  if (answer.startAfter !== undefined) await outgoing.wait(answer.startAfter);
  const steps = answer.steps.map((step) => nameCall(step, dialect, exchange));
  const context = createContext({ ...answer, steps }, exchange);
  return request.isStreaming
    ? playStream(steps, dialect.openStream(context), exchange)
    : playWhole(steps, () => dialect.writeBody(context), exchange);
}

type NamedStep = Exclude<AnswerStep, { kind: 'tool_call' }> | Extract<AnswerBlock, { kind: 'tool_call' }>;

function nameCall(step: AnswerStep, { callIdPrefix }: Dialect, { createId }: Exchange): NamedStep {
  if (step.kind !== 'tool_call') return step;
  return { ...step, id: step.id ?? (callIdPrefix === '' ? '' : createId(callIdPrefix)) };
}

type NamedAnswer = Omit<AnswerReply, 'steps'> & { readonly steps: readonly NamedStep[] };

function createContext(answer: NamedAnswer, { route, request, now, createId }: Exchange): AnswerContext {
  const blocks = collectBlocks(answer.steps);
  return {
    route,
    view: request,
    raw: request.raw ?? {},
    blocks,
    finish: answer.finish ?? deriveFinish(blocks),
    usage: answer.usage ?? estimateUsage(request, blocks),
    now,
    createId,
  };
}

/** Neighbours of a kind are one block, also when something waits between them. */
function collectBlocks(steps: readonly NamedStep[]): readonly AnswerBlock[] {
  const blocks: AnswerBlock[] = [];
  for (const step of steps) {
    const block = toBlock(step);
    const last = blocks.at(-1);
    if (block === undefined) continue;
    const joined = last === undefined ? undefined : joinBlocks(last, block);
    if (joined === undefined) blocks.push(block);
    else blocks[blocks.length - 1] = joined;
  }
  return blocks;
}

function joinBlocks(first: AnswerBlock, second: AnswerBlock): AnswerBlock | undefined {
  if (first.kind === 'tool_call' || second.kind === 'tool_call' || first.kind !== second.kind) return undefined;
  return { kind: first.kind, text: first.text + second.text };
}

function toBlock(step: NamedStep): AnswerBlock | undefined {
  switch (step.kind) {
    case 'text':
    case 'thinking':
      return { kind: step.kind, text: step.chunks.join('') };
    case 'refusal':
    case 'tool_call':
      return step;
    case 'pause':
    case 'cut':
    case 'end':
    case 'hang':
    case 'malformed':
    case 'error':
      return undefined;
  }
}

function deriveFinish(blocks: readonly AnswerBlock[]): FinishReason {
  if (blocks.some(({ kind }) => kind === 'refusal')) return 'refusal';
  return blocks.some(({ kind }) => kind === 'tool_call') ? 'tool_calls' : 'stop';
}

const CHARACTERS_OF_TOKEN = 4;

function estimateUsage({ rawBody }: FakeRequest, blocks: readonly AnswerBlock[]): TokenUsage {
  return { inputTokens: estimateTokens(rawBody), outputTokens: estimateTokens(JSON.stringify(blocks)) };
}

/** Never exact, always the same for the same text. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_OF_TOKEN);
}

// As one body

type Ending = Extract<NamedStep, { kind: 'cut' | 'end' | 'error' | 'hang' | 'malformed' }>;

function isEnding({ kind }: NamedStep): boolean {
  return kind === 'cut' || kind === 'end' || kind === 'error' || kind === 'hang' || kind === 'malformed';
}

async function playWhole(steps: readonly NamedStep[], write: () => JsonObject, exchange: Exchange): Promise<Played> {
  for (const step of steps) {
    if (step.kind === 'pause') await exchange.outgoing.wait(step.until);
  }
  const ending = steps.find((step): step is Ending => isEnding(step));
  if (ending?.kind === 'error') return playError(ending, exchange);
  if (ending?.kind === 'hang') return hang(exchange);
  const text = JSON.stringify(write());
  const headers = answerHeaders(exchange);
  if (ending === undefined) return sendText(exchange, { status: 200, headers, text });
  const half = text.slice(0, Math.ceil(text.length / 2));
  if (ending.kind !== 'cut') return sendText(exchange, { status: 200, headers, text: half });
  exchange.start(200, { ...headers, 'content-length': String(Buffer.byteLength(text)) });
  await exchange.outgoing.write(half);
  return cut(exchange);
}

async function cut({ outgoing }: Exchange): Promise<Played> {
  await outgoing.cut();
  return 'cut';
}

// As a stream

async function playStream(steps: readonly NamedStep[], writer: StreamWriter, exchange: Exchange): Promise<Played> {
  const { outgoing } = exchange;
  exchange.start(200, { ...answerHeaders(exchange), 'content-type': writer.contentType, 'cache-control': 'no-cache' });
  await outgoing.write(writer.start());
  for (const step of steps) {
    switch (step.kind) {
      case 'text':
      case 'thinking':
        for (const chunk of step.chunks) await outgoing.write(writer.delta(step.kind, chunk));
        break;
      case 'refusal':
        for (const chunk of splitText(step.text)) await outgoing.write(writer.delta('refusal', chunk));
        break;
      case 'tool_call':
        await outgoing.write(writer.toolCall(step));
        break;
      case 'pause':
        await outgoing.wait(step.until);
        break;
      case 'malformed':
        await outgoing.write(writer.malformed());
        break;
      case 'cut':
        return cut(exchange);
      case 'end':
        await outgoing.end();
        return 'cut';
      case 'hang':
        return hang(exchange);
      case 'error':
        await outgoing.end(writer.error(midStreamError(step, exchange)));
        return 'answered';
    }
  }
  await outgoing.end(writer.finish());
  return 'answered';
}

function midStreamError(details: ErrorDetails, exchange: Exchange): ProviderError {
  return buildProviderError(exchange.route.api, details, errorContext(exchange));
}
