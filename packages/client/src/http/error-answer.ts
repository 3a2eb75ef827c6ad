// From an answer that is no success to an error that says what to do. spec: wire-protocol 13
import type { JsonValue } from '@puffo/base';
import { API_ERRORS, type ApiErrorCode, type Endpoint, LIMITS, readErrorBody } from '@puffo/protocol';
import { ClientError, type ClientErrorCode } from '../client-error.ts';
import type { TransportAnswer } from '../platform.ts';
import { titleOf } from './read-answer.ts';
import { boundRetryAfter, readHttpDate, readRetryAfter } from './retry-after.ts';
import { isRetryableStatus } from './retry-table.ts';

const MAX_SHOWN_CHARACTERS = 300;
/** Control and format characters, which could steer a terminal, and those that no text holds. */
const UNSHOWN = /[\p{C}\p{Zl}\p{Zp}]/gu;
const CODE_NAME = /^[A-Za-z0-9_]{1,64}$/;
const MINUTE_MS = 60_000;

export interface FailedAnswer {
  readonly endpoint: Endpoint;
  readonly answer: TransportAnswer;
  /** `undefined`: none that could be read. */
  readonly body: JsonValue | undefined;
  /** ms */
  readonly now: number;
}

export function toClientError(failed: FailedAnswer): ClientError {
  const { endpoint, answer, body, now } = failed;
  const { status } = answer;
  const read = readErrorBody(body);
  const skewMs = status === 401 ? findClockSkew(failed) : undefined;
  const wish = read.retryAfterMs === undefined ? undefined : boundRetryAfter(read.retryAfterMs);
  return new ClientError(`Cannot call ${titleOf(endpoint)}: ${problemOf(failed, skewMs)}`, {
    code: codeOfStatus(status),
    retryable: isRetryableStatus(status),
    status,
    apiCode: findApiCode(read.code),
    apiField: read.field,
    retryAfterMs: wish ?? readRetryAfter(answer.header('retry-after'), now),
    fields: {
      endpoint: endpoint.name,
      status,
      ...(skewMs === undefined ? {} : { clockSkewMs: skewMs }),
      ...(read.code !== undefined && CODE_NAME.test(read.code) ? { serverCode: read.code } : {}),
    },
  });
}

/** Signed requests do not go where a server points: the signature is good at any server that knows the key. */
export function toRedirectError({ endpoint, answer }: Pick<FailedAnswer, 'endpoint' | 'answer'>): ClientError {
  const location = answer.header('location') ?? '';
  const elsewhere = URL.canParse(location) ? `; if ${new URL(location).origin} is the server, use that address` : '';
  const problem = `the server sends the request on to another address, which is not followed${elsewhere}`;
  const { status } = answer;
  return new ClientError(`Cannot call ${titleOf(endpoint)}: ${problem}`, {
    code: 'redirected',
    status,
    fields: { endpoint: endpoint.name, status },
  });
}

/** How far the server's clock is ahead, as far as that explains a 401. */
function findClockSkew({ answer, body, now }: Omit<FailedAnswer, 'endpoint'>): number | undefined {
  // The server answers a wrong time with its own. spec: wire-protocol 5.6
  const [hint] = /(?<![0-9])[0-9]{13}(?![0-9])/.exec(readErrorBody(body).message ?? '') ?? [];
  if (hint !== undefined) return Math.abs(Number(hint) - now) > MINUTE_MS ? Number(hint) - now : undefined;
  const date = readHttpDate(answer.header('date') ?? '');
  return date !== undefined && Math.abs(date - now) > LIMITS.clockWindowMs ? date - now : undefined;
}

function problemOf({ answer, body }: FailedAnswer, skewMs: number | undefined): string {
  if (skewMs !== undefined) return clockProblem(skewMs);
  const { code, message } = readErrorBody(body);
  const name = code !== undefined && CODE_NAME.test(code) ? ` ${code}` : '';
  const text = message === undefined ? '' : ` ("${showable(message)}")`;
  return `the server answered ${answer.status}${name}${text}`;
}

function clockProblem(skewMs: number): string {
  const minutes = Math.round(Math.abs(skewMs) / MINUTE_MS);
  const direction = skewMs > 0 ? 'behind' : 'ahead of';
  return `the clock of this computer is ${minutes} minutes ${direction} the server's; set the clock`;
}

function showable(text: string): string {
  const plain = text.replaceAll(UNSHOWN, ' ').trim();
  return plain.length > MAX_SHOWN_CHARACTERS ? `${plain.slice(0, MAX_SHOWN_CHARACTERS)}…` : plain;
}

function codeOfStatus(status: number): ClientErrorCode {
  if (status === 401) return 'unauthorized';
  if (status === 429) return 'rate-limited';
  if (status >= 500) return 'server-failed';
  return status >= 400 ? 'refused' : 'answer-invalid';
}

function findApiCode(code: string | undefined): ApiErrorCode | undefined {
  return API_ERRORS.find((row) => row.code === code)?.code;
}
