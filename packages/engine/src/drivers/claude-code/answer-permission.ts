// Claude Code asks whether it may use a tool. spec: runtimes 5.9, 10.2.8
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import type { AskPermission } from '../../spec/permission.ts';

export interface Question {
  readonly requestId: string;
  /** Absent: nobody is there to be asked. */
  readonly askPermission: AskPermission | undefined;
  readonly memory: PermissionMemory;
  readonly signal: AbortSignal;
}

/** What was allowed for the session and has no rule in the CLI; outlives the process, as the session does. */
export interface PermissionMemory {
  isAllowed(toolName: string, input: JsonValue): boolean;
  allow(toolName: string, input: JsonValue): void;
}

/** The answer to a `can_use_tool` request. Whatever is not a clear yes is a no. */
export async function answerPermission(
  request: JsonObject,
  { requestId, askPermission, memory, signal }: Question,
): Promise<JsonObject> {
  const { tool_name: toolName, input = {}, description } = request;
  if (typeof toolName !== 'string') return deny('Cannot ask: the tool has no name');
  if (memory.isAllowed(toolName, input)) return allow(input);
  if (askPermission === undefined) return deny('Nobody is there who could allow this. Do without it');
  const text = typeof description === 'string' ? description : '';
  const decision = await askPermission({ requestId, toolName, input, description: text }, signal);
  if (decision.kind === 'deny') return deny(decision.message);
  if (decision.scope === 'once') return allow(input);
  memory.allow(toolName, input);
  return allow(input, listRules(request['permission_suggestions'] ?? null));
}

function deny(message: string): JsonObject {
  return { behavior: 'deny', message };
}

function allow(input: JsonValue, rules: readonly JsonObject[] = []): JsonObject {
  return { behavior: 'allow', updatedInput: input, ...(rules.length === 0 ? {} : { updatedPermissions: rules }) };
}

/**
 * The rules that the CLI suggests for what was asked, for this session only. It suggests to change the mode and to open folders,
 * too: that would allow more than was shown.
 */
function listRules(suggestions: JsonValue): readonly JsonObject[] {
  if (!isJsonArray(suggestions)) return [];
  return suggestions
    .filter(isJsonObject)
    .filter((suggestion) => suggestion['type'] === 'addRules' && suggestion['behavior'] === 'allow')
    .map((suggestion) => ({ ...suggestion, destination: 'session' }));
}

const MAX_REMEMBERED = 1000;

export function createPermissionMemory(): PermissionMemory {
  const allowed = new Set<string>();
  return {
    isAllowed: (toolName, input) => allowed.has(JSON.stringify([toolName, input])),
    allow(toolName, input) {
      if (allowed.size < MAX_REMEMBERED) allowed.add(JSON.stringify([toolName, input]));
    },
  };
}
