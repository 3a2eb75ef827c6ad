// RFC 8785 (JCS): one spelling for one JSON value. spec: wire-protocol 2.1
import type { JsonValue } from '@puffo/base';
import { ProtocolError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** Deeper than any value that `decodeJson` lets in, so that signed members may stand inside other documents. */
const MAX_DEPTH = LIMITS.jsonDepth + 8;

/**
 * The canonical text of `value`. Throws a `ProtocolError` for what JSON cannot say (`not_json_value`: undefined,
 * functions, non-finite numbers, lone surrogates, objects that are not plain) and for values deeper than any we read
 * (`json_too_deep`), circular ones among them.
 */
export function canonicalize(value: JsonValue): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (typeof value === 'string') return writeString(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw notJson('a number that is not finite');
    // ECMAScript's Number::toString is what the RFC prescribes; JSON.stringify alone turns -0 into 0.
    return JSON.stringify(value);
  }
  if (value === null || value === true || value === false) return String(value);
  if (typeof value !== 'object') throw notJson(`a value of type ${typeof value}`);
  if (depth >= MAX_DEPTH) {
    throw new ProtocolError('json_too_deep', `Cannot canonicalize: more than ${MAX_DEPTH} levels`);
  }
  return Array.isArray(value) ? writeArray(value, depth) : writeObject(value, depth);
}

function writeArray(items: readonly unknown[], depth: number): string {
  let text = '[';
  for (let index = 0; index < items.length; index++) {
    if (index > 0) text += ',';
    text += write(items[index], depth + 1);
  }
  return `${text}]`;
}

function writeObject(object: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) throw notJson('an object that is not plain');
  // The default order compares UTF-16 code units, as the RFC wants.
  const names = Object.keys(object).sort();
  let text = '{';
  for (const name of names) {
    if (text.length > 1) text += ',';
    text += `${writeString(name)}:${write((object as Record<string, unknown>)[name], depth + 1)}`;
  }
  return `${text}}`;
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw notJson('a string with a lone surrogate');
  return JSON.stringify(text);
}

function notJson(what: string): ProtocolError {
  return new ProtocolError('not_json_value', `Cannot canonicalize: found ${what}`);
}
