// The objects of OpenAI's Responses, which bodies and events share.
// spec: runtimes 10.6
import type { JsonObject } from '@puffo/base';
import { numberAt, stringAt } from '../json-access.ts';
import type { AnswerBlock, AnswerContext, AnsweredCall } from './dialect.ts';
import { findDeclaredTool } from './responses-tools.ts';

export function writeHead({ createId, now, raw, view }: AnswerContext): JsonObject {
  return {
    id: createId('resp_'),
    object: 'response',
    created_at: Math.floor(now / 1000),
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: raw['instructions'] ?? null,
    max_output_tokens: numberAt(raw, 'max_output_tokens') ?? null,
    model: view.model,
    output: [],
    parallel_tool_calls: raw['parallel_tool_calls'] ?? true,
    previous_response_id: raw['previous_response_id'] ?? null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: raw['store'] ?? true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: raw['tool_choice'] ?? 'auto',
    tools: raw['tools'] ?? [],
    top_p: 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: {},
  };
}

export function writeEnd({ finish }: AnswerContext): JsonObject {
  if (finish !== 'length') return { status: 'completed' };
  return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
}

export function writeUsage({ usage }: AnswerContext): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: { cached_tokens: usage.cacheReadTokens ?? 0 },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}

export function writeItem(context: AnswerContext, block: AnswerBlock): JsonObject {
  if (block.kind === 'tool_call') return writeCall(context, block);
  const { kind, text } = block;
  if (kind === 'thinking') {
    return { id: context.createId('rs_'), type: 'reasoning', summary: [{ type: 'summary_text', text }] };
  }
  return writeMessage(context.createId('msg_'), 'completed', [writePart(kind, text)]);
}

export function writeMessage(id: string, status: string, content: readonly JsonObject[]): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content };
}

export function writePart(kind: 'text' | 'refusal', text: string): JsonObject {
  if (kind === 'refusal') return { type: 'refusal', refusal: text };
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

export function writeCall({ createId, raw }: AnswerContext, { id, name, input }: AnsweredCall): JsonObject {
  const tool = findDeclaredTool(raw, name);
  if (tool.kind === 'custom') {
    const text = stringAt(input, 'input') ?? JSON.stringify(input);
    return { id: createId('ctc_'), type: 'custom_tool_call', status: 'completed', call_id: id, name, input: text };
  }
  return {
    id: createId('fc_'),
    type: 'function_call',
    status: 'completed',
    call_id: id,
    name: tool.name,
    ...(tool.namespace === undefined ? {} : { namespace: tool.namespace }),
    arguments: JSON.stringify(input),
  };
}
