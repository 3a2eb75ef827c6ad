// Tools that an agent offers to its engine. They run in the daemon: an engine passes calls on, and never sees a key.
// spec: mcp-tools 3.1, 3.2, 3.6
import type { JsonObject, JsonValue } from '@puffo/base';

export interface ToolSpec {
  /** As the agent's prompt calls it; engines may put something in front. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema in the portable subset of mcp-tools 3.7. */
  readonly inputSchema: JsonObject;
  /** Changes nothing: may run beside others. */
  readonly isReadOnly: boolean;
  readonly isDestructive?: boolean;
  readonly isIdempotent?: boolean;
  /** Reaches other people. */
  readonly isOpenWorld?: boolean;
}

export interface ToolCall {
  /** The engine's own id of the call when it has one: the same id again is the same call. */
  readonly callId: string;
  readonly name: string;
  /** Unchecked. */
  readonly input: JsonValue;
}

/** One text. A failure is an answer, too: what went wrong, then what to do. */
export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
}

export interface ToolHost {
  /** Two sentences for the model. */
  readonly instructions: string;
  listTools(): readonly ToolSpec[];
  /** Never fails: also an unknown tool is an answer. */
  callTool(call: ToolCall, signal: AbortSignal): Promise<ToolAnswer>;
  /** The same tools as MCP over HTTP, for programs; of this engine process only. Absent: not offered. */
  readonly endpoint?: ToolEndpoint | undefined;
}

export interface ToolEndpoint {
  readonly url: string;
  /** Secret; for the environment of the program, never for a file. */
  readonly token: string;
}
