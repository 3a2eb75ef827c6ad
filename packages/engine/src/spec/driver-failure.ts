// How drivers write down what went wrong: short, in one line, without the secrets they know of.
// spec: runtimes 2.8, 2.9
import type { EngineFailure, EngineFailureClass } from './engine.ts';

export interface FailureFacts {
  readonly httpStatus?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Taken out of `detail` wherever they stand. */
  readonly secrets?: readonly string[];
}

const MAX_DETAIL = 300;
/** Anything shorter would take apart ordinary words. */
const MIN_SECRET = 4;
const REDACTED = '[redacted]';

export function driverFailure(
  failureClass: EngineFailureClass,
  detail: string,
  { httpStatus, retryAfterMs, secrets = [] }: FailureFacts = {},
): EngineFailure {
  return {
    failureClass,
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    detail: toDetail(detail, secrets),
  };
}

/** Secrets go first: a cut in the middle of one would leave its beginning. */
function toDetail(text: string, secrets: readonly string[]): string {
  const clean = secrets
    .filter(({ length }) => length >= MIN_SECRET)
    .reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
  return clean.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, MAX_DETAIL);
}
