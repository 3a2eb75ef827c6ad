// CLIs ask the model for more than the turn: titles, summaries, quota checks, routing. A script knows nothing about them.
// spec: runtimes 10.6
import type { JsonObject, JsonValue } from '@puffo/base';
import type { FakeReply } from './fake-reply.ts';
import type { FakeRequest } from './fake-request.ts';
import { listAt, objectAt, stringAt } from './json-access.ts';

/** Says whether a request is beside the point of the test and must leave the script alone. */
export type SideJobTest = (request: FakeRequest) => boolean;

/** How the CLIs name themselves. SDKs that chat-local agents use are not among them: their requests have no tools. */
const CLI_USER_AGENT = /^(claude-cli|GeminiCLI|codex[_-]\w+)/i;

/** A request of a CLI that offers no tools, or wants a single token. */
export function isCliSideJob({ headers, maxTokens, toolNames }: FakeRequest): boolean {
  return CLI_USER_AGENT.test(headers['user-agent'] ?? '') && (toolNames.length === 0 || maxTokens === 1);
}

/** Nothing of interest, in the form that was asked for: a CLI repeats side jobs whose answer it cannot read. */
export function answerSideJob({ raw = {} }: FakeRequest): FakeReply {
  const schema = findSchema(raw);
  return schema === undefined ? 'ok' : JSON.stringify(fillSchema(schema, MAX_SCHEMA_DEPTH));
}

/** Where Anthropic, OpenAI and Google say which JSON they want. */
const SCHEMA_PATHS: readonly (readonly string[])[] = [
  ['output_config', 'format', 'schema'],
  ['output_format', 'schema'],
  ['response_format', 'json_schema', 'schema'],
  ['text', 'format', 'schema'],
  ['generationConfig', 'responseJsonSchema'],
  ['generationConfig', 'responseSchema'],
];

function findSchema(raw: JsonObject): JsonObject | undefined {
  const found = SCHEMA_PATHS.map((path) =>
    path.reduce<JsonObject | undefined>((object, name) => object && objectAt(object, name), raw),
  );
  return found.find((schema) => schema !== undefined);
}

const MAX_SCHEMA_DEPTH = 20;

/** The least that fits, as far as types go. */
function fillSchema(schema: JsonObject, depth: number): JsonValue {
  const choice = listAt(schema, 'enum')?.[0] ?? schema['const'];
  if (choice !== undefined) return choice;
  switch (stringAt(schema, 'type')?.toLowerCase()) {
    case 'object':
      return depth === 0 ? {} : fillMembers(objectAt(schema, 'properties') ?? {}, depth - 1);
    case 'array':
      return [];
    case 'integer':
    case 'number':
      return schema['minimum'] ?? 1;
    case 'boolean':
      return false;
    case undefined:
    default:
      return 'ok';
  }
}

function fillMembers(properties: JsonObject, depth: number): JsonObject {
  const members = Object.keys(properties).map((name) => [name, fillSchema(objectAt(properties, name) ?? {}, depth)]);
  return Object.fromEntries(members) as JsonObject;
}
