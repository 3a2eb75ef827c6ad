import {
  decodeUtf8,
  type JsonObject,
  isJsonObject,
  type JsonProblem,
  type JsonValue,
  safeParseJson,
} from '@puffo/base';
import { ProtocolError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

export interface DecodeJsonOptions {
  /** What is read, for errors: `envelope`, `POST /signup`. */
  readonly what: string;
  /** In bytes for bytes, in characters for text. */
  readonly maxLength: number;
  /** `any` for documents that hold nothing signed, where a foreign member may carry a large integer. */
  readonly integers?: 'safe' | 'any';
}

const PROBLEM_TEXTS: Readonly<Record<JsonProblem, string>> = {
  too_long: 'it is too long',
  not_utf8: 'it is not UTF-8',
  syntax: 'it is not JSON',
  too_deep: `it is nested deeper than ${LIMITS.jsonDepth} levels`,
  duplicate_member: 'a member name is repeated',
  lone_surrogate: 'a string is not well-formed Unicode',
  number_out_of_range: 'a number is out of range',
};

/** Reads JSON from outside: refuses what two parsers might read differently. spec: wire-protocol 1.5 */
export function decodeJson(input: string | Uint8Array, options: DecodeJsonOptions): JsonValue {
  const { what, maxLength, integers = 'safe' } = options;
  if (input.length > maxLength) throw refused(what, 'too_long');
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (text === undefined) throw refused(what, 'not_utf8');
  const result = safeParseJson(text, { maxLength, maxDepth: LIMITS.jsonDepth, integers });
  if (result.kind === 'refused') throw refused(what, result.problem);
  return result.value;
}

/** As `decodeJson`, for documents that are an object. */
export function decodeJsonObject(input: string | Uint8Array, options: DecodeJsonOptions): JsonObject {
  const value = decodeJson(input, options);
  if (isJsonObject(value)) return value;
  throw new ProtocolError('not_object', `Cannot read ${options.what}: it is no JSON object`, { field: options.what });
}

function refused(what: string, problem: JsonProblem): ProtocolError {
  const code = problem === 'too_long' ? 'too_large' : problem === 'too_deep' ? 'json_too_deep' : 'json_invalid';
  return new ProtocolError(code, `Cannot read ${what}: ${PROBLEM_TEXTS[problem]}`, {
    field: what,
    fields: { problem },
  });
}
