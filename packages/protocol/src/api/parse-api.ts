// The four edges of an HTTP call, each read by the schema of its endpoint. spec: wire-protocol 9
import type * as z from 'zod';
import { ProtocolError } from '../errors.ts';
import type { AnswerOf, BodyOf, EndpointDefinition, ParamsOf, QueryOf } from './endpoint.ts';
import { parseSchema } from './parse-schema.ts';

/**
 * `value`: the parsed JSON, `undefined` for an empty body, or the bytes of an upload. An empty body is read as `{}`.
 * spec: wire-protocol 5.2
 */
export function parseBody<Row extends EndpointDefinition>(endpoint: Row, value: unknown): BodyOf<Row> {
  return parseEdge(endpoint.body, value, titleOf(endpoint)) as BodyOf<Row>;
}

/** `value`: the decoded members of the path template. */
export function parseParams<Row extends EndpointDefinition>(endpoint: Row, value: unknown): ParamsOf<Row> {
  return parseEdge(endpoint.params, value, `the path of ${titleOf(endpoint)}`) as ParamsOf<Row>;
}

/** `value`: the decoded query members, as strings. */
export function parseQuery<Row extends EndpointDefinition>(endpoint: Row, value: unknown): QueryOf<Row> {
  return parseEdge(endpoint.query, value, `the query of ${titleOf(endpoint)}`) as QueryOf<Row>;
}

/** `value`: as for `parseBody`. Only for 2xx; other answers are read by `readErrorBody`. */
export function parseAnswer<Row extends EndpointDefinition>(endpoint: Row, value: unknown): AnswerOf<Row> {
  return parseEdge(endpoint.answer, value, `the answer of ${titleOf(endpoint)}`) as AnswerOf<Row>;
}

function titleOf({ method, path }: EndpointDefinition): string {
  return `${method} ${path}`;
}

function parseEdge(schema: z.ZodType | 'bytes' | undefined, value: unknown, what: string): unknown {
  if (schema === undefined) return undefined;
  if (schema !== 'bytes') return parseSchema(schema, value === undefined ? {} : value, what);
  if (value instanceof Uint8Array) return value;
  throw new ProtocolError('wrong_type', `Cannot read ${what}: it is not given as bytes`);
}
