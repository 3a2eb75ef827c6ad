// What a wire format has to know: to read a request as strictly as the real provider, and to write an answer in two ways.
import type { JsonObject } from '@puffo/base';
import type { ErrorDetails, FinishReason, TokenUsage } from '../fake-reply.ts';
import type { ProviderApi, ProviderOperation, RequestView } from '../fake-request.ts';
import type { ProviderError } from '../provider-error.ts';

/** Where a path leads. */
export interface Route {
  readonly api: ProviderApi;
  readonly operation: ProviderOperation;
  /** Of the path; others name the model in the body. */
  readonly model: string;
  /** Google says it in the path. */
  readonly stream: 'no' | 'events' | 'array';
}

export type ReadResult =
  | { readonly kind: 'view'; readonly view: RequestView }
  | { readonly kind: 'refused'; readonly error: ErrorDetails; readonly param?: string };

/** One block of a whole answer. */
export type AnswerBlock =
  | { readonly kind: 'text' | 'thinking' | 'refusal'; readonly text: string }
  | ({ readonly kind: 'tool_call' } & AnsweredCall);

export interface AnsweredCall {
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

export interface AnswerContext {
  readonly route: Route;
  readonly view: RequestView;
  readonly raw: JsonObject;
  readonly blocks: readonly AnswerBlock[];
  readonly finish: FinishReason;
  readonly usage: TokenUsage;
  /** Milliseconds. */
  readonly now: number;
  createId(prefix: string): string;
}

/** Writes an answer bit by bit. Everything it returns is sent as it is. */
export interface StreamWriter {
  readonly contentType: string;
  start(): string;
  delta(kind: 'text' | 'thinking' | 'refusal', chunk: string): string;
  toolCall(call: AnsweredCall): string;
  error(error: ProviderError): string;
  malformed(): string;
  finish(): string;
}

export interface Dialect {
  /** How the ids of its tool calls begin; without one, calls have no ids on the wire. */
  readonly callIdPrefix: string;
  read(raw: JsonObject, route: Route): ReadResult;
  writeBody(context: AnswerContext): JsonObject;
  openStream(context: AnswerContext): StreamWriter;
}

export function refuse(message: string, param?: string): ReadResult {
  return refuseWith({ error: 'invalid_request', message }, param);
}

export function refuseWith(error: ErrorDetails, param?: string): ReadResult {
  return { kind: 'refused', error, ...(param === undefined ? {} : { param }) };
}
