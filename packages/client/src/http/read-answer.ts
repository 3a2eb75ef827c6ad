// The body of an answer: read with a limit while it streams, then parsed by the endpoint's schema. spec: wire-protocol 9.1
import { decodeUtf8, type JsonValue, safeParseJson } from '@puffo/base';
import { LIMITS, parseAnswer, ProtocolError } from '@puffo/protocol';
import type { Endpoint } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { TransportAnswer } from '../platform.ts';
import { untilAborted } from './deadline.ts';

const FIRST_CAPACITY = 16 * 1024;
/**
 * Answers put envelopes and events, which may be as deep as a request body, a few levels further down: one such message
 * must not make the list unreadable.
 */
const ANSWER_DEPTH = LIMITS.jsonDepth + 8;

export interface ReadLimits {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** The whole body; `undefined` when it is larger than `maxBytes`, and then the rest is given up. */
export async function readBody(
  { header, body }: TransportAnswer,
  { maxBytes, signal }: ReadLimits,
): Promise<Uint8Array | undefined> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    if (Number(header('content-length') ?? 0) > maxBytes) return undefined;
    // One buffer that grows: a list of chunks of one byte each would take a hundred times their size.
    let buffer = new Uint8Array(FIRST_CAPACITY);
    let length = 0;
    for (;;) {
      const step = await untilAborted(chunks.next(), signal);
      if (step.done === true) return buffer.subarray(0, length);
      const end = length + step.value.length;
      if (end > maxBytes) return undefined;
      if (end > buffer.length) buffer = grow(buffer, Math.max(end, Math.min(maxBytes, buffer.length * 2)));
      buffer.set(step.value, length);
      length = end;
    }
  } finally {
    // Nobody waits for a body that was given up to admit it.
    chunks.return?.().catch(() => undefined);
  }
}

function grow(buffer: Uint8Array, capacity: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(capacity);
  larger.set(buffer);
  return larger;
}

/** What a 2xx says. */
export function parseSuccess(endpoint: Endpoint, body: Uint8Array): unknown {
  try {
    return parseAnswer(endpoint, endpoint.answer === 'bytes' ? body : readJson(endpoint, body));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const message = `Cannot use the answer to ${titleOf(endpoint)}: ${error.message}`;
    throw new ClientError(message, { code: 'answer-invalid', cause: error, fields: { endpoint: endpoint.name } });
  }
}

export function titleOf({ method, path }: Pick<Endpoint, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** What may be JSON; `undefined` for anything else. */
export function findJson(body: Uint8Array): JsonValue | undefined {
  const text = decodeUtf8(body);
  if (text === undefined) return undefined;
  const limits = { maxLength: body.length, maxDepth: ANSWER_DEPTH, integers: 'any' } as const;
  const result = safeParseJson(text, limits);
  return result.kind === 'value' ? result.value : undefined;
}

/** An empty body is read as `{}`. */
function readJson(endpoint: Endpoint, body: Uint8Array): JsonValue | undefined {
  if (body.length === 0) return undefined;
  const value = findJson(body);
  if (value !== undefined) return value;
  const message = `Cannot use the answer to ${titleOf(endpoint)}: it is no JSON; is this the address of a chat server?`;
  throw new ClientError(message, { code: 'answer-invalid', fields: { endpoint: endpoint.name } });
}
