// Members of what the other side of the control socket sent. Whoever takes them names the call in the message.
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';

export function readObject(value: JsonValue | undefined, name: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw wrong(name, 'an object');
}

export function readText(members: JsonObject, name: string): string {
  const value = members[name];
  if (typeof value === 'string') return value;
  throw wrong(name, 'text');
}

export function readChoice<Choice extends string>(
  members: JsonObject,
  name: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((each) => each === members[name]);
  if (choice !== undefined) return choice;
  throw wrong(name, `one of ${choices.join(', ')}`);
}

export function readOptionalText(members: JsonObject, name: string): string | undefined {
  return isAbsent(members[name]) ? undefined : readText(members, name);
}

export function readFlag(members: JsonObject, name: string): boolean {
  const value = members[name];
  if (typeof value === 'boolean') return value;
  throw wrong(name, 'true or false');
}

export function readNumber(members: JsonObject, name: string): number {
  const value = members[name];
  if (typeof value === 'number') return value;
  throw wrong(name, 'a number');
}

export function readOptionalNumber(members: JsonObject, name: string): number | undefined {
  return isAbsent(members[name]) ? undefined : readNumber(members, name);
}

export function readOptionalTexts(members: JsonObject, name: string): readonly string[] | undefined {
  return isAbsent(members[name]) ? undefined : readTexts(members[name], name);
}

export function readTexts(value: JsonValue | undefined, name: string): readonly string[] {
  if (value === undefined || !isJsonArray(value)) throw wrong(name, 'a list of texts');
  return value.map((item) => {
    if (typeof item === 'string') return item;
    throw wrong(name, 'a list of texts');
  });
}

function isAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || value === null;
}

function wrong(name: string, expected: string): DaemonError {
  return new DaemonError(`'${name}' must be ${expected}`, { code: 'invalid-argument' });
}
