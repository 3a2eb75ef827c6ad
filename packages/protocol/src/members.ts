// Reading the members of a signed object: one error per rule, always naming the member. Written by hand and not with
// schemas, because the order of the checks and their reason codes are specified. spec: wire-protocol 4.9
import { decodeBase64url, isBase64urlOf, isJsonObject, type JsonObject } from '@puffo/base';
import { ProtocolError, type ProtocolErrorCode } from './errors.ts';
import { describe } from './ids.ts';

/** An object from outside and its name in errors: `device_cert`, `device_cert.keys.signing`. */
export interface Members {
  readonly object: JsonObject;
  readonly what: string;
}

export function readObject(value: unknown, what: string): Members {
  if (isJsonObject(value)) return { object: value, what };
  throw failure('not_object', what, `Cannot read ${what}: got ${describe(value)}, expected an object`);
}

/** `type` exact and `version` the integer 1: with no label in the signed bytes, they alone say what was signed. */
export function readTypedObject(value: unknown, type: string): Members {
  const members = readObject(value, type);
  const { object } = members;
  if (object['type'] !== type) {
    throw failure('wrong_type', `${type}.type`, `Cannot read ${type}: its type is ${describe(object['type'])}`);
  }
  if (object['version'] !== 1) {
    const found = describe(object['version']);
    throw failure('unsupported_version', `${type}.version`, `Cannot read ${type}: version is ${found}, expected 1`);
  }
  return members;
}

export function readMember(members: Members, name: string): Members {
  const { object, what } = members;
  const value = ownMember(object, name);
  if (isJsonObject(value)) return { object: value, what: `${what}.${name}` };
  throw missing(members, name, 'an object');
}

export function readString(members: Members, name: string): string {
  const value = ownMember(members.object, name);
  if (typeof value === 'string') return value;
  throw missing(members, name, 'a string');
}

/** The decoded bytes of a base64url member of exactly `length` bytes. */
export function readBytes(members: Members, name: string, length: number): Uint8Array {
  return decodeBytes(readString(members, name), { field: `${members.what}.${name}`, length });
}

export interface ExpectedBytes {
  /** Whole path of the member. */
  readonly field: string;
  readonly length: number;
  readonly code?: ProtocolErrorCode;
}

/** Strict base64url of exactly `length` bytes. */
export function decodeBytes(text: string, expected: ExpectedBytes): Uint8Array {
  checkBytes(text, expected);
  return decodeBase64url(text) ?? new Uint8Array(0);
}

/** As `decodeBytes`, for text that is only passed on. */
export function checkBytes(text: string, { field, length, code = 'bad_length' }: ExpectedBytes): void {
  if (isBase64urlOf(text, length)) return;
  const characters = Math.ceil((length * 4) / 3);
  const found = text.length === characters ? 'text that is not strict base64url' : `${text.length} characters`;
  throw failure(code, field, `Cannot read ${field}: got ${found}, expected ${length} bytes in base64url`);
}

/** Milliseconds since the epoch, 0 to 2^53 - 1. */
export function readTime(members: Members, name: string): number {
  const value = ownMember(members.object, name);
  if (typeof value !== 'number') throw missing(members, name, 'a time in milliseconds');
  if (Number.isSafeInteger(value) && value >= 0) return value;
  const field = `${members.what}.${name}`;
  throw failure(
    'time_invalid',
    field,
    `Cannot read ${field}: it is no whole number of milliseconds from 0 to 2^53 - 1`,
  );
}

/** A time, or `null` where the member is present and null. */
export function readNullableTime(members: Members, name: string): number | null {
  return ownMember(members.object, name) === null ? null : readTime(members, name);
}

/** A string, or `null` where the member is null or absent. */
export function readOptionalString(members: Members, name: string): string | null {
  const value = ownMember(members.object, name);
  return value === null || value === undefined ? null : readString(members, name);
}

export function hasMember(members: Members, name: string): boolean {
  return Object.hasOwn(members.object, name);
}

/** Own members only: `constructor` and its like are not members of a JSON object. */
function ownMember(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function missing(members: Members, name: string, expected: string): ProtocolError {
  const { object, what } = members;
  const field = `${what}.${name}`;
  const found = describe(ownMember(object, name));
  return failure('missing_member', field, `Cannot read ${field}: got ${found}, expected ${expected}`);
}

function failure(code: ProtocolErrorCode, field: string, message: string): ProtocolError {
  return new ProtocolError(code, message, { field });
}
