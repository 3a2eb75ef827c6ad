// Whether a tool may be used: asked before every call, also those that the program would allow by itself. spec: runtimes 4.2, 4.3
import { isJsonObject, type JsonObject, systemRandom } from '@puffo/base';
import type { AskPermission } from '../../spec/permission.ts';
import type { PermissionMemory } from '../claude-code/answer-permission.ts';
import { TOOL_SERVER } from '../claude-code/claude-arguments.ts';
import type { AgentSdkEngineOptions } from './agent-sdk-options.ts';
import type { CanUseTool, PreToolUseHook } from './load-agent-sdk.ts';
import { createToolGate } from './tool-gate.ts';

export interface ToolDecider {
  readonly beforeTool: PreToolUseHook;
  readonly canUseTool: CanUseTool;
  /** A question is open. */
  isAsking(): boolean;
}

export interface ToolDeciderOptions extends Pick<AgentSdkEngineOptions, 'allowedTools' | 'asksOperator'> {
  readonly askPermission: AskPermission | undefined;
  /** What was allowed for the session; outlives a turn. */
  readonly memory: PermissionMemory;
}

const ID_BYTES = 12;

export function createToolDecider(options: ToolDeciderOptions): ToolDecider {
  const { allowedTools, asksOperator, askPermission, memory } = options;
  const gate = createToolGate(allowedTools);
  const ask = asksOperator === true ? askPermission : undefined;
  let questions = 0;

  function isAllowed(toolName: string, input: JsonObject): boolean {
    return (
      toolName.startsWith(`mcp__${TOOL_SERVER}__`) ||
      gate.isAllowed(toolName, input) ||
      memory.isAllowed(toolName, input)
    );
  }

  return {
    isAsking: () => questions > 0,
    async beforeTool(value) {
      const { toolName, input } = readHookInput(value);
      if (isAllowed(toolName, input)) return decide('allow', '');
      // A hook has little time: a question goes the other way.
      return ask === undefined ? decide('deny', gate.explain(toolName)) : decide('ask', '');
    },
    async canUseTool(toolName, input, { signal, toolUseID, description = '' }) {
      if (isAllowed(toolName, input)) return { behavior: 'allow', updatedInput: input };
      if (ask === undefined) return { behavior: 'deny', message: gate.explain(toolName) };
      const requestId = toolUseID ?? Buffer.from(systemRandom.bytes(ID_BYTES)).toString('hex');
      questions++;
      try {
        const decision = await ask({ requestId, toolName, input, description }, signal);
        if (decision.kind === 'deny') return { behavior: 'deny', message: decision.message };
        if (decision.scope === 'session') memory.allow(toolName, input);
        return { behavior: 'allow', updatedInput: input };
      } finally {
        questions--;
      }
    },
  };
}

function readHookInput(value: unknown): { readonly toolName: string; readonly input: JsonObject } {
  const { tool_name: toolName, tool_input: input = null } = isJsonObject(value) ? value : {};
  return { toolName: typeof toolName === 'string' ? toolName : '', input: isJsonObject(input) ? input : {} };
}

function decide(permissionDecision: 'allow' | 'deny' | 'ask', permissionDecisionReason: string): JsonObject {
  return { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision, permissionDecisionReason } };
}
