// One request of an engine process: who asks, then one message of the Model Context Protocol. spec: mcp-tools 3.3
import type { IncomingMessage } from 'node:http';
import { isJsonArray, isJsonObject, type JsonValue, safeParseJson } from '@puffo/base';
import { isLocalHost, readBearerToken } from '../../data-service/read-request.ts';
import type { ToolAccess, ToolTokens } from './tool-tokens.ts';

/** Of a message; arguments that are larger are files. */
const MAX_BODY_BYTES = 1024 * 1024;
const JSON_LIMITS = { maxLength: MAX_BODY_BYTES, maxDepth: 64, integers: 'any' } as const;
const PATH = /^\/v1\/mcp\/([a-z0-9._-]{1,128})$/i;
const MAX_BATCH = 20;

export interface ToolRequestAnswer {
  readonly status: number;
  /** Absent: none. */
  readonly body?: JsonValue;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Nothing of the body is read before it is known who asks. */
export async function answerToolRequest(
  request: IncomingMessage,
  { tokens, signal }: { readonly tokens: ToolTokens; readonly signal: AbortSignal },
): Promise<ToolRequestAnswer> {
  const { headers, method, url = '' } = request;
  if (!isLocalHost(headers.host)) return refuse(403, 'host not allowed');
  // Only web pages say where they come from.
  if (headers.origin !== undefined) return refuse(403, 'origin not allowed');
  const agentId = PATH.exec(url)?.[1];
  if (agentId === undefined) return refuse(404, 'not found');
  const token = readBearerToken(headers.authorization);
  const access = token === undefined ? undefined : tokens.find(agentId, token);
  if (access === undefined) return { ...refuse(401, 'unauthorized'), headers: { 'WWW-Authenticate': 'Bearer' } };
  if (method !== 'POST') return { ...refuse(405, 'method not allowed'), headers: { Allow: 'POST' } };
  const text = await readBody(request);
  if (text === undefined) {
    return { ...refuse(413, 'request too large: a message has at most 1 MiB'), headers: { Connection: 'close' } };
  }
  const parsed = safeParseJson(text, JSON_LIMITS);
  if (parsed.kind === 'refused') return { status: 400, body: parseError() };
  return answerMessages(parsed.value, { access, signal });
}

async function answerMessages(
  value: JsonValue,
  { access, signal }: { readonly access: ToolAccess; readonly signal: AbortSignal },
): Promise<ToolRequestAnswer> {
  const ending = AbortSignal.any([signal, access.ended]);
  const isBatch = !isJsonObject(value) && value !== null && typeof value === 'object' && isJsonArray(value);
  if (!isBatch) {
    const answer = await access.responder.answer(value, ending);
    return answer === undefined ? { status: 202 } : { status: 200, body: answer };
  }
  if (value.length > MAX_BATCH) return refuse(400, `at most ${MAX_BATCH} messages at once`);
  const answers: JsonValue[] = [];
  for (const message of value) {
    const answer = await access.responder.answer(message, ending);
    if (answer !== undefined) answers.push(answer);
  }
  return answers.length === 0 ? { status: 202 } : { status: 200, body: answers };
}

/** `undefined`: it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > MAX_BODY_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk as Uint8Array);
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseError(): JsonValue {
  return { jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'This is not JSON' } };
}

function refuse(status: number, error: string): ToolRequestAnswer {
  return { status, body: { error } };
}
