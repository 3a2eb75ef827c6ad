// What a signature of a JSON object covers. spec: wire-protocol 2.2, 2.3
import { encodeUtf8, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import { ProtocolError } from '../errors.ts';
import { canonicalize } from './canonical-json.ts';

/** Never part of the signed bytes where they stand at the top level; inside they are members like any other. */
const SIGNATURE_MEMBERS: ReadonlySet<string> = new Set(['signature', 'self_signature']);

/** The canonical form, in UTF-8, of `object` exactly as it stands on the wire, unknown members included. */
export function signingBytes(object: JsonObject): Uint8Array {
  const covered: [string, JsonValue][] = [];
  for (const name of Object.keys(object)) {
    const value = object[name];
    if (value !== undefined && !SIGNATURE_MEMBERS.has(name)) covered.push([name, value]);
  }
  // fromEntries keeps a member called `__proto__`, which assignment would lose.
  return encodeUtf8(canonicalize(Object.fromEntries(covered)));
}

/**
 * Refuses (`not_signable`) what the Python reference canonicalizes in its own way, so that we never make a signature
 * that it reads differently: member names outside ASCII, fractions, integers beyond ±(2^53 - 1), negative zero.
 */
export function assertSignable(value: JsonValue, path = ''): void {
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0))) {
    throw notSignable(path, 'a number that is no integer within ±(2^53 - 1)');
  }
  if (isJsonArray(value)) {
    value.forEach((item, index) => assertSignable(item, `${path}[${index}]`));
  } else if (isJsonObject(value)) {
    for (const name of Object.keys(value)) {
      if (!/^[\x20-\x7e]*$/.test(name)) throw notSignable(path, 'a member name outside printable ASCII');
      assertSignable(value[name] ?? null, path === '' ? name : `${path}.${name}`);
    }
  }
}

function notSignable(path: string, what: string): ProtocolError {
  const where = path === '' ? 'the value' : `'${path.slice(0, 100)}'`;
  return new ProtocolError('not_signable', `Cannot sign: ${where} holds ${what}`, { field: path.slice(0, 100) });
}
