// Reads members of JSON that came from a client: what has another type counts as absent, and the checks say so.
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, safeParseJson } from '@puffo/base';

/** Deeper than any request of a client, and shallow enough for every parser. */
const BODY_LIMITS = { maxDepth: 200, integers: 'any' } as const;

export function parseJson(text: string): JsonValue | undefined {
  const result = safeParseJson(text, { ...BODY_LIMITS, maxLength: text.length });
  return result.kind === 'value' ? result.value : undefined;
}

export function stringAt(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberAt(object: JsonObject, name: string): number | undefined {
  const value = object[name];
  return typeof value === 'number' ? value : undefined;
}

export function objectAt(object: JsonObject, name: string): JsonObject | undefined {
  const value = object[name];
  return isJsonObject(value) ? value : undefined;
}

export function listAt(object: JsonObject, name: string): readonly JsonValue[] | undefined {
  const value = object[name];
  return value !== undefined && isJsonArray(value) ? value : undefined;
}

/** The members of a list that are objects, none when it is no list. */
export function objectsAt(object: JsonObject, name: string): readonly JsonObject[] {
  return (listAt(object, name) ?? []).filter(isJsonObject);
}

/** `content` as every API has it: a string, or blocks with a `text`. */
export function textsOf(content: JsonValue | undefined): readonly string[] {
  if (typeof content === 'string') return [content];
  if (content === undefined || content === null || !isJsonArray(content)) return [];
  return content.filter(isJsonObject).flatMap((block) => stringAt(block, 'text') ?? []);
}

/** Arguments of a tool call, which OpenAI sends as a text that should be JSON. */
export function parseArguments(text: string): unknown {
  return parseJson(text) ?? text;
}
