// From an endpoint and its values to the request target: built once, then signed and sent as it is.
// spec: wire-protocol 5.3, 5.4
import { isJsonObject } from '@puffo/base';
import * as z from 'zod';
import { ProtocolError } from '../errors.ts';
import type { EndpointDefinition, ParamsOf, QueryOf } from './endpoint.ts';

export interface RequestTarget<Row extends EndpointDefinition> {
  readonly params?: ParamsOf<Row>;
  readonly query?: QueryOf<Row>;
}

const TEMPLATE_MEMBER = /\{([a-z_]+)\}/g;
/** URL parsers fold these away, percent-encoded or not. */
const DOT_SEGMENTS = new Set(['.', '..']);

/** Path and query, relative to `server_url`: `/spaces/sp_…/events?since=12`. */
export function buildPath<Row extends EndpointDefinition>(endpoint: Row, target: RequestTarget<Row> = {}): string {
  const params: unknown = target.params;
  const path = endpoint.path.replaceAll(TEMPLATE_MEMBER, (_match, name: string) =>
    segment(isJsonObject(params) ? params[name] : undefined, name),
  );
  const members = queryMembers(endpoint, target.query);
  return members.length === 0 ? path : `${path}?${members.join('&')}`;
}

function segment(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '' || DOT_SEGMENTS.has(value)) throw malformed(name);
  return escapeText(value, name);
}

function queryMembers({ query }: EndpointDefinition, values: unknown): string[] {
  if (query === undefined || values === undefined) return [];
  const encoded = z.safeEncode(query, values);
  if (!encoded.success) throw malformed(String(encoded.error.issues[0]?.path[0] ?? 'query'));
  const members: string[] = [];
  for (const [name, value] of Object.entries(isJsonObject(encoded.data) ? encoded.data : {})) {
    if (typeof value === 'string') members.push(`${name}=${escapeText(value, name)}`);
  }
  return members;
}

function escapeText(text: string, name: string): string {
  try {
    return encodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw malformed(name);
    throw error;
  }
}

function malformed(name: string): ProtocolError {
  return new ProtocolError('request_malformed', `Cannot build path: '${name}' has no place in a URL`, { field: name });
}
