// Every way in which a chat turn fails, as a failure. What providers say in prose is left out: it may quote the key or the
// conversation. spec: runtimes 2.8, 3.6
import { APICallError, LoadAPIKeyError } from 'ai';
import { driverFailure, type FailureFacts } from '../../spec/driver-failure.ts';
import { EngineError } from '../../spec/engine-error.ts';
import type { EngineFailure, EngineFailureClass } from '../../spec/engine.ts';
import type { ChatSettings } from './chat-options.ts';
import { classifyFault } from './classify-fault.ts';
import { readFault } from './read-fault.ts';

/** What the SDK threw, or put into its stream. */
export function failureOfError(error: unknown, settings: ChatSettings): EngineFailure {
  const fault = readFault(error, settings.clock);
  const failureClass = classifyFault(fault);
  if (failureClass === undefined) return failureOfTransport(error, settings);
  const { status, codes, retryAfterMs } = fault;
  const facts = [status === undefined ? undefined : `HTTP ${status}`, ...new Set(codes)].filter(
    (fact) => fact !== undefined,
  );
  const detail = `${settings.provider} answered with an error: ${facts.join(', ')}`;
  return fail(settings, { failureClass, detail, facts: { httpStatus: status, retryAfterMs } });
}

/** No error of the provider: the connection, or something on the way that talks of something else. */
function failureOfTransport(error: unknown, settings: ChatSettings): EngineFailure {
  const causes = listCauses(error);
  const tooMuch = causes.find((cause) => cause instanceof EngineError);
  if (tooMuch !== undefined) return fail(settings, { failureClass: 'protocol', detail: tooMuch.message });
  if (LoadAPIKeyError.isInstance(error)) {
    return fail(settings, { failureClass: 'auth', detail: `There is no API key for ${settings.provider}` });
  }
  if (isNetworkError(error, causes)) {
    const code = causes.map(readErrorCode).find((found) => found !== undefined) ?? 'no code';
    return fail(settings, { failureClass: 'network', detail: `Lost ${settings.provider}: ${code}` });
  }
  const kind = error instanceof Error ? error.name : typeof error;
  return fail(settings, { failureClass: 'protocol', detail: `${settings.provider} sent what cannot be read: ${kind}` });
}

/** What ended without an error, and still is no answer. */
export type Ending =
  | 'silent'
  | 'too_long'
  | 'input_too_long'
  | 'refused'
  | 'incomplete'
  | 'not_an_answer'
  | 'out_of_tokens'
  | 'context_full'
  | 'too_many_steps';

const ENDINGS: Readonly<Record<Ending, readonly [EngineFailureClass, string]>> = {
  silent: ['timeout', 'nothing came for too long'],
  too_long: ['protocol', 'the answer is longer than is taken'],
  input_too_long: ['input_too_large', 'the input is longer than a conversation may be; nothing was sent'],
  refused: ['refused', 'the answer was refused or filtered'],
  incomplete: ['network', 'the answer ended before its end'],
  not_an_answer: ['protocol', 'what came is no answer'],
  out_of_tokens: ['protocol', 'the limit of output tokens was reached before the first word'],
  context_full: ['input_too_large', 'the context of the model was full before the first word'],
  too_many_steps: ['protocol', 'the turn used tools more often than one turn may'],
};

export function failureOfEnding(ending: Ending, settings: ChatSettings): EngineFailure {
  const [failureClass, what] = ENDINGS[ending];
  return fail(settings, { failureClass, detail: `${settings.provider}: ${what}` });
}

interface Finding {
  readonly failureClass: EngineFailureClass;
  readonly detail: string;
  readonly facts?: FailureFacts;
}

function fail({ apiKey }: ChatSettings, { failureClass, detail, facts = {} }: Finding): EngineFailure {
  return driverFailure(failureClass, detail, { ...facts, secrets: [apiKey] });
}

const MAX_CAUSES = 8;

/** The error and what it was caused by. */
function listCauses(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error && causes.length < MAX_CAUSES; cause = cause.cause) causes.push(cause);
  return causes;
}

function readErrorCode(error: Error): string | undefined {
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,47}$/.test(code) ? code : undefined;
}

/** A request that never got a status did not arrive; a body that breaks off fails with what `fetch` says, a `TypeError`. */
function isNetworkError(error: unknown, causes: readonly Error[]): boolean {
  if (APICallError.isInstance(error)) {
    return error.statusCode === undefined || causes.some((cause) => cause instanceof TypeError || isSystemError(cause));
  }
  return causes.some((cause) => isSystemError(cause) || cause.name === 'AbortError');
}

function isSystemError(error: Error): boolean {
  return /^(?:E[A-Z]+|UND_ERR_[A-Z_]+)$/.test(readErrorCode(error) ?? '');
}
