// One request and its answer: signed, sent, read within its limits, and told apart. spec: wire-protocol 5.1, 5.2, 9.1
import { type RequestCredentials, signRequest } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { Transport, TransportAnswer } from '../platform.ts';
import type { BuiltCall } from './build-call.ts';
import { startDeadline, untilAborted } from './deadline.ts';
import { toClientError, toRedirectError } from './error-answer.ts';
import { findJson, parseSuccess, readBody, titleOf } from './read-answer.ts';
import { effectOfStatus, type FailureEffect } from './retry-table.ts';

const MAX_ERROR_BODY_BYTES = 64 * 1024;

export interface Exchange {
  readonly call: BuiltCall;
  readonly transport: Transport;
  readonly context: ClientContext;
  /** `undefined`: the endpoint asks for no signature. */
  readonly signer: RequestCredentials | undefined;
  /** Of the whole call; its reason is a `ClientError`. */
  readonly signal: AbortSignal;
}

export type Outcome = { readonly kind: 'answered'; readonly value: unknown } | FailedOutcome;

export interface FailedOutcome {
  readonly kind: 'failed';
  readonly error: ClientError;
  readonly effect: FailureEffect;
  /** Not to be sent again, whatever the table says. */
  readonly isFinal: boolean;
}

interface Received {
  readonly kind: 'received';
  readonly answer: TransportAnswer;
  /** `undefined`: larger than it may be, or not read. */
  readonly body: Uint8Array | undefined;
}

/** Throws only when the whole call is over, or for an answer that another try would not change. */
export async function exchangeOnce(exchange: Exchange): Promise<Outcome> {
  const received = await receive(exchange);
  return received.kind === 'received' ? judge(exchange, received) : received;
}

async function receive(exchange: Exchange): Promise<Received | FailedOutcome> {
  const { call, signal: parent } = exchange;
  const timeoutMs = call.policy.attemptTimeoutMs;
  using attempt = startDeadline({ timeoutMs, parent, createError: () => createTimeoutError(call, timeoutMs) });
  try {
    return await requestAndRead(exchange, attempt.signal);
  } catch (error) {
    if (parent.aborted) throw parent.reason;
    return noAnswer(call, error);
  }
}

async function requestAndRead(exchange: Exchange, signal: AbortSignal): Promise<Received> {
  const { endpoint, url, body: sentBody, policy } = exchange.call;
  const headers = { 'content-type': 'application/json', ...signatureOf(exchange) };
  const request = { method: endpoint.method, url, headers, body: sentBody, signal };
  const answer = await untilAborted(exchange.transport(request), signal);
  if (isRedirect(answer)) return { kind: 'received', answer, body: undefined };
  const body = isSuccess(answer)
    ? await readBody(answer, { maxBytes: policy.maxAnswerBytes, signal })
    : await readErrorBytes(answer, signal);
  return { kind: 'received', answer, body };
}

/** A new stamp whenever it is sent. */
function signatureOf({ call, context, signer }: Exchange): Readonly<Record<string, string>> {
  if (signer === undefined) return {};
  const { endpoint, target, body } = call;
  const stamp = { timestamp: context.clock(), random: context.random };
  return signRequest({ method: endpoint.method, target, body }, { ...signer, ...stamp });
}

/** The status alone says that it failed, so a body that breaks or does not end is no further failure. */
async function readErrorBytes(answer: TransportAnswer, signal: AbortSignal): Promise<Uint8Array | undefined> {
  try {
    return await readBody(answer, { maxBytes: MAX_ERROR_BODY_BYTES, signal });
  } catch {
    return undefined;
  }
}

function judge({ call, context }: Exchange, { answer, body }: Received): Outcome {
  const { endpoint } = call;
  if (isRedirect(answer)) return failed(toRedirectError({ endpoint, answer }));
  if (!isSuccess(answer)) {
    const json = body === undefined ? undefined : findJson(body);
    const error = toClientError({ endpoint, answer, body: json, now: context.clock() });
    return failed(error, effectOfStatus({ status: answer.status, isOurs: error.apiCode !== undefined }));
  }
  return body === undefined
    ? failed(createTooLargeError(call, answer))
    : { kind: 'answered', value: parseSuccess(endpoint, body) };
}

function isRedirect({ status }: TransportAnswer): boolean {
  return status >= 300 && status < 400;
}

function isSuccess({ status }: TransportAnswer): boolean {
  return status >= 200 && status < 300;
}

function failed(error: ClientError, effect: FailureEffect = 'unknown'): FailedOutcome {
  return { kind: 'failed', error, effect, isFinal: false };
}

/** Whatever a transport rejects with: a `ClientError` of its own knows more. */
function noAnswer({ endpoint }: BuiltCall, error: unknown): FailedOutcome {
  if (error instanceof ClientError) return failed(error, error.fields['sent'] === false ? 'none' : 'unknown');
  const problem = 'the connection ended before the answer did';
  const message = `Cannot call ${titleOf(endpoint)}: ${problem}`;
  return failed(new ClientError(message, { code: 'unreachable', retryable: true, cause: error }));
}

export function createTimeoutError({ endpoint }: Pick<BuiltCall, 'endpoint'>, timeoutMs: number): ClientError {
  return new ClientError(`Cannot call ${titleOf(endpoint)}: no complete answer within ${timeoutMs} ms`, {
    code: 'timeout',
    retryable: true,
    fields: { endpoint: endpoint.name, timeoutMs },
  });
}

function createTooLargeError({ endpoint, policy }: BuiltCall, { status }: TransportAnswer): ClientError {
  const { maxAnswerBytes: maxBytes } = policy;
  return new ClientError(`Cannot use the answer to ${titleOf(endpoint)}: it is larger than ${maxBytes} bytes`, {
    code: 'answer-too-large',
    status,
    fields: { endpoint: endpoint.name, maxBytes },
  });
}
