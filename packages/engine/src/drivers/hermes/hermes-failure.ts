// What a Hermes that ended badly means. It has words only; a status is looked for where clients of providers put it.
// spec: runtimes 2.8, 7.1
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailure, EngineFailureClass } from '../../spec/engine.ts';

export interface HermesEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** Both of its outputs. */
  readonly printed: string;
}

const UNKNOWN_SESSION = /\b(no previous (CLI )?session\b|session not found\b|no session found\b)/i;
const STATUS = /\b(?:HTTP|Error code:|status(?: code)?:?) (\d{3})\b/;

const STATUSES: ReadonlyMap<number, EngineFailureClass> = new Map<number, EngineFailureClass>([
  [401, 'auth'],
  [402, 'billing'],
  [403, 'auth'],
  [404, 'bad_model'],
  [413, 'input_too_large'],
  [429, 'rate_limited'],
  [503, 'overloaded'],
  [529, 'overloaded'],
]);

export function hermesFailure({ exitCode, signal, printed }: HermesEnd, secrets: readonly string[]): EngineFailure {
  const [line = ''] = printed.trim().split('\n').slice(-1);
  const detail = `Hermes ended with ${signal ?? exitCode ?? 'no code'}: ${line}`;
  if (UNKNOWN_SESSION.test(printed)) return driverFailure('bad_session', detail, { secrets });
  const httpStatus = findStatus(printed);
  if (httpStatus === undefined) return driverFailure('crashed', detail, { secrets });
  const failureClass = STATUSES.get(httpStatus) ?? (httpStatus >= 500 ? 'server_error' : 'protocol');
  return driverFailure(failureClass, detail, { httpStatus, secrets });
}

function findStatus(printed: string): number | undefined {
  const found = STATUS.exec(printed)?.[1];
  return found === undefined ? undefined : Number(found);
}
