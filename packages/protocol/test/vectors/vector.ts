// Reading the language-neutral vector files: typed access to members whose names and forms the vectors' README fixes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeBase64url, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';

const OWN_FOLDER = fileURLToPath(new URL('../../../../vectors', import.meta.url));

/** The folder under test: the project's own, or one of the same format that PUFFO_VECTORS names. */
// oxlint-disable-next-line node/no-process-env -- the suite is told by the environment which folder to read
export const VECTOR_FOLDER = process.env['PUFFO_VECTORS'] ?? OWN_FOLDER;
export const isOwnFolder = VECTOR_FOLDER === OWN_FOLDER;

export function listVectorFiles(): readonly string[] {
  return readdirSync(VECTOR_FOLDER).filter((name) => name.endsWith('.json'));
}

export function readVectorFile(name: string): Vector {
  const document: unknown = JSON.parse(readFileSync(join(VECTOR_FOLDER, name), 'utf8'));
  if (!isJsonObject(document)) throw new TypeError(`${name} holds no object`);
  return vectorOf(document, name);
}

/** A JSON object with typed access that fails loudly: a misspelt member must not pass as "nothing to check". */
export interface Vector {
  readonly object: JsonObject;
  readonly name: string;
  has(member: string): boolean;
  any(member: string): JsonValue;
  text(member: string): string;
  number(member: string): number;
  /** The bytes of a `*_hex` member. */
  hex(member: string): Uint8Array;
  /** The bytes of a base64url member. */
  base64(member: string): Uint8Array;
  record(member: string): Vector;
  list(member: string): readonly Vector[];
}

export function vectorOf(object: JsonObject, where: string): Vector {
  const name = typeof object['name'] === 'string' ? object['name'] : where;

  function any(member: string): JsonValue {
    const value = object[member];
    if (value === undefined) throw new TypeError(`${where}: member ${member} is missing`);
    return value;
  }

  function text(member: string): string {
    const value = any(member);
    if (typeof value !== 'string') throw new TypeError(`${where}: member ${member} is no string`);
    return value;
  }

  return {
    object,
    name,
    has: (member) => Object.hasOwn(object, member),
    any,
    text,
    number(member) {
      const value = any(member);
      if (typeof value !== 'number') throw new TypeError(`${where}: member ${member} is no number`);
      return value;
    },
    hex: (member) => Uint8Array.from(Buffer.from(text(member), 'hex')),
    base64(member) {
      const bytes = decodeBase64url(text(member));
      if (bytes === undefined) throw new TypeError(`${where}: member ${member} is not base64url`);
      return bytes;
    },
    record(member) {
      const value = any(member);
      if (!isJsonObject(value)) throw new TypeError(`${where}: member ${member} is no object`);
      return vectorOf(value, `${where}.${member}`);
    },
    list(member) {
      const value = any(member);
      if (!isJsonArray(value)) throw new TypeError(`${where}: member ${member} is no array`);
      return value.map((item, index) => {
        if (!isJsonObject(item)) throw new TypeError(`${where}.${member}[${index}] is no object`);
        return vectorOf(item, `${where}.${member}[${index}]`);
      });
    },
  };
}
