// What Claude Code asks of its host while it works: our tools, and whether it may. spec: runtimes 10.2.6, 10.2.8, mcp-tools 3.2
import type { JsonObject } from '@puffo/base';
import type { McpResponder } from '../../mcp/answer-mcp.ts';
import type { AskPermission } from '../../spec/permission.ts';
import { answerPermission, type PermissionMemory } from './answer-permission.ts';
import { TOOL_SERVER } from './claude-arguments.ts';

export interface AnswerSources {
  readonly mcp?: McpResponder | undefined;
  readonly askPermission?: AskPermission | undefined;
  readonly memory: PermissionMemory;
}

export interface RequestAnswers {
  /** The `response` of a `control_response`. */
  answer(requestId: string, request: JsonObject): Promise<JsonObject>;
  isWaiting(): boolean;
  cancelQuestion(requestId: string): void;
  cancelQuestions(): void;
}

/** `signal`: the program has ended. */
export function createRequestAnswers(sources: AnswerSources, signal: AbortSignal): RequestAnswers {
  const { mcp, askPermission, memory } = sources;
  const questions = new Map<string, AbortController>();
  let calls = 0;

  async function callMcp(request: JsonObject): Promise<JsonObject | undefined> {
    if (mcp === undefined || request['server_name'] !== TOOL_SERVER) return undefined;
    calls++;
    try {
      const answer = await mcp.answer(request['message'] ?? null, signal);
      // A notification has to be answered all the same, with anything.
      return { mcp_response: answer ?? { jsonrpc: '2.0', id: 0, result: {} } };
    } finally {
      calls--;
    }
  }

  async function decide(requestId: string, request: JsonObject): Promise<JsonObject> {
    const question = new AbortController();
    questions.set(requestId, question);
    try {
      const wanted = AbortSignal.any([signal, question.signal]);
      return await answerPermission(request, { requestId, askPermission, memory, signal: wanted });
    } finally {
      questions.delete(requestId);
    }
  }

  async function respond(requestId: string, request: JsonObject): Promise<JsonObject | undefined> {
    if (request['subtype'] === 'mcp_message') return callMcp(request);
    return request['subtype'] === 'can_use_tool' ? decide(requestId, request) : undefined;
  }

  return {
    async answer(requestId, request) {
      const response = await respond(requestId, request);
      if (response !== undefined) return { subtype: 'success', request_id: requestId, response };
      return { subtype: 'error', request_id: requestId, error: 'This request is not supported' };
    },
    isWaiting: () => calls > 0 || questions.size > 0,
    cancelQuestion: (requestId) => questions.get(requestId)?.abort(),
    cancelQuestions() {
      for (const question of questions.values()) question.abort();
    },
  };
}
