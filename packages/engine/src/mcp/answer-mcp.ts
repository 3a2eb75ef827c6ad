// The tools of an agent as a server of the Model Context Protocol, one message at a time: whatever carries the messages, hosted
// channel or HTTP, answers the same. spec: mcp-tools 3.2, 3.3, 3.5, 3.6, 3.9
import { isJsonObject, type JsonObject, type JsonValue, type Random, systemRandom } from '@puffo/base';
import type { ToolHost, ToolSpec } from '../spec/tools.ts';
import { readCallId } from './read-call-id.ts';

export interface McpResponder {
  /** The reply to one JSON-RPC message of a client; `undefined`: it wants none. Never rejects. */
  answer(message: JsonValue, signal?: AbortSignal): Promise<JsonObject | undefined>;
}

export interface McpResponderOptions {
  /** For the ids of calls that have none. */
  readonly random?: Random;
}

/** Newest first. */
const PROTOCOL_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;
const SERVER_INFO: JsonObject = { name: 'puffo', version: '1' };

type RequestId = string | number;

interface Request {
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject;
  readonly signal: AbortSignal;
}

export function createMcpResponder(host: ToolHost, { random = systemRandom }: McpResponderOptions = {}): McpResponder {
  const running = new Map<RequestId, AbortController>();

  async function callTool({ id, params, signal }: Request): Promise<JsonObject> {
    const { name } = params;
    if (typeof name !== 'string') return failure(id, INVALID_PARAMS, 'tools/call needs the name of a tool');
    const calling = new AbortController();
    running.set(id, calling);
    try {
      const callId = readCallId(params['_meta'], random);
      const call = { callId, name, input: params['arguments'] ?? {} };
      const { text, isError } = await host.callTool(call, AbortSignal.any([signal, calling.signal]));
      return success(id, { content: [{ type: 'text', text }], isError });
    } finally {
      if (running.get(id) === calling) running.delete(id);
    }
  }

  async function reply(request: Request): Promise<JsonObject> {
    const { id, method, params } = request;
    switch (method) {
      case 'initialize':
        return success(id, initializeResult(host, params['protocolVersion']));
      case 'ping':
        return success(id, {});
      case 'tools/list':
        return success(id, { tools: host.listTools().map(describeTool) });
      case 'tools/call':
        return callTool(request);
      default:
        return failure(id, METHOD_NOT_FOUND, `There is no method ${method.slice(0, MAX_QUOTED)}`);
    }
  }

  function takeNotification(method: string, params: JsonObject): void {
    if (method !== 'notifications/cancelled') return;
    const { requestId } = params;
    if (isRequestId(requestId)) running.get(requestId)?.abort();
  }

  return {
    async answer(message, signal = NEVER) {
      if (!isJsonObject(message) || message['jsonrpc'] !== '2.0') {
        return failure(null, INVALID_REQUEST, 'This is not a message of JSON-RPC 2.0');
      }
      const { id, method, params = {} } = message;
      // An answer: this server asks nothing.
      if (method === undefined) return undefined;
      if (typeof method !== 'string' || !isJsonObject(params)) {
        return failure(isRequestId(id) ? id : null, INVALID_REQUEST, 'This is not a request of JSON-RPC 2.0');
      }
      if (id === undefined) {
        takeNotification(method, params);
        return undefined;
      }
      if (!isRequestId(id)) return failure(null, INVALID_REQUEST, 'The id of a request is a text or a number');
      return reply({ id, method, params, signal }).catch(() => failure(id, INTERNAL_ERROR, 'The tool server failed'));
    },
  };
}

const NEVER = new AbortController().signal;
const MAX_QUOTED = 100;

const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
const INTERNAL_ERROR = -32_603;

function isRequestId(id: JsonValue | undefined): id is RequestId {
  return typeof id === 'string' || typeof id === 'number';
}

function success(id: RequestId, result: JsonObject): JsonObject {
  return { jsonrpc: '2.0', id, result };
}

function failure(id: RequestId | null, code: number, message: string): JsonObject {
  return { jsonrpc: '2.0', id, error: { code, message } };
}

/** The version of the client when we speak it, our newest when not: then it may leave. */
function initializeResult({ instructions }: ToolHost, wanted: JsonValue | undefined): JsonObject {
  return {
    protocolVersion: PROTOCOL_VERSIONS.find((version) => version === wanted) ?? PROTOCOL_VERSIONS[0],
    capabilities: { tools: {} },
    serverInfo: SERVER_INFO,
    instructions,
  };
}

function describeTool(tool: ToolSpec): JsonObject {
  const { name, description, inputSchema, isReadOnly } = tool;
  return {
    name,
    description,
    inputSchema,
    annotations: {
      readOnlyHint: isReadOnly,
      destructiveHint: tool.isDestructive ?? false,
      idempotentHint: tool.isIdempotent ?? false,
      openWorldHint: tool.isOpenWorld ?? false,
    },
    // Claude hides tools behind a search otherwise.
    _meta: { 'anthropic/alwaysLoad': true },
  };
}
