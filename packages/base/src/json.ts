// The only `JSON.parse` of the project. What JSON lets pass silently and two parsers read differently is refused here.
// spec: wire-protocol 1.5

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

export interface JsonLimits {
  /** Characters for text, bytes for UTF-8 input. */
  readonly maxLength: number;
  /** Objects and arrays inside each other; a plain value has depth 0. */
  readonly maxDepth: number;
  /** `safe`: integers beyond ±(2^53 - 1), which parsers round differently, are refused. */
  readonly integers: 'safe' | 'any';
}

export type JsonProblem =
  | 'too_long'
  | 'not_utf8'
  | 'syntax'
  | 'too_deep'
  | 'duplicate_member'
  | 'lone_surrogate'
  | 'number_out_of_range';

export type JsonResult =
  | { readonly kind: 'value'; readonly value: JsonValue }
  | { readonly kind: 'refused'; readonly problem: JsonProblem };

/** Reads one JSON document within `limits`. Never throws, and takes time in proportion to the input. */
export function safeParseJson(text: string, limits: JsonLimits): JsonResult {
  if (text.length > limits.maxLength) return refused('too_long');
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    // JSON.parse has one failure, and its message quotes the input.
    return refused('syntax');
  }
  const found = inspect(value, limits);
  if (typeof found !== 'number') return refused(found);
  if (found !== countMemberNames(text)) return refused('duplicate_member');
  return { kind: 'value', value };
}

function refused(problem: JsonProblem): JsonResult {
  return { kind: 'refused', problem };
}

/** Walks the whole value without recursion. Returns the number of object members in it, or what is wrong. */
function inspect(root: JsonValue, limits: JsonLimits): number | JsonProblem {
  let members = 0;
  let level: JsonValue[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    const below: JsonValue[] = [];
    for (const value of level) {
      const problem = findProblem(value, limits);
      if (problem !== undefined) return problem;
      if (typeof value !== 'object' || value === null) continue;
      if (depth >= limits.maxDepth) return 'too_deep';
      if (isJsonArray(value)) {
        for (const item of value) below.push(item);
        continue;
      }
      for (const name of Object.keys(value)) {
        if (!name.isWellFormed()) return 'lone_surrogate';
        members++;
        below.push(value[name] ?? null);
      }
    }
    level = below;
  }
  return members;
}

function findProblem(value: JsonValue, { integers }: JsonLimits): JsonProblem | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'lone_surrogate';
  if (typeof value !== 'number') return undefined;
  const isUnsafe = integers === 'safe' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isUnsafe || !Number.isFinite(value) ? 'number_out_of_range' : undefined;
}

/** `Array.isArray` that keeps the element type of a readonly array. */
export function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * How many member names stand in `text`, which is known to be valid JSON: the strings that a colon follows. An object
 * with a repeated name has fewer members than names.
 */
function countMemberNames(text: string): number {
  let count = 0;
  let start = text.indexOf('"');
  while (start !== -1) {
    let end = text.indexOf('"', start + 1);
    while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
    let next = end + 1;
    while (isWhiteSpace(text.charCodeAt(next))) next++;
    if (text.charCodeAt(next) === 0x3a) count++;
    start = text.indexOf('"', next);
  }
  return count;
}

/** Whether an odd number of backslashes stands before the quotation mark at `at`. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === 0x5c) first--;
  return (at - first) % 2 === 1;
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
