// What a tool is: a name, what it takes, and what it does with that. Parsing is part of it: nothing unchecked gets to `run`.
// spec: mcp-tools 3.1, 3.7, 3.9
import type { JsonObject, JsonValue } from '@puffo/base';
import type { ToolSpec } from '@puffo/engine';
import { type Fields, readFields, schemaOf, type Values } from './fields.ts';
import type { ToolContext } from './tool-context.ts';
import type { ToolParts } from './tool-parts.ts';

/** The first line is the outcome. Failures are thrown as a `ToolError`. */
export interface ToolResult {
  readonly text: string;
  /** Of what was said. */
  readonly speech?: { readonly messageId: string; readonly digest: string; readonly isQueued: boolean } | undefined;
  /** Longer than usual by explicit wish. */
  readonly maxCharacters?: number | undefined;
}

/** `speak`: reaches other people. `self`: changes the agent. */
export type ToolKind = 'speak' | 'read' | 'self';

interface Described {
  readonly name: string;
  readonly kind: ToolKind;
  /** It is part of every prompt. */
  readonly description: string;
  /** Absent: by its kind. */
  readonly timeoutMs?: number;
  readonly isDestructive?: boolean;
  readonly isIdempotent?: boolean;
  /** Other names under which older prompts know it. */
  readonly aliases?: readonly string[];
  /** Absent: always. */
  isAvailable?(parts: ToolParts): boolean;
}

export interface ToolDefinition extends Described {
  readonly spec: ToolSpec;
  prepare(input: JsonValue): PreparedCall;
}

export type PreparedCall =
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | {
      readonly kind: 'ready';
      /** Names that the tool does not know. */
      readonly ignored: readonly string[];
      run(context: ToolContext): Promise<ToolResult>;
    };

export interface ToolToDefine<Input extends Fields> extends Described {
  readonly input: Input;
  run(input: Values<Input>, context: ToolContext): Promise<ToolResult>;
}

export function defineTool<Input extends Fields>(tool: ToolToDefine<Input>): ToolDefinition {
  const { input, run, ...described } = tool;
  return {
    ...described,
    spec: specOf(tool, schemaOf(input)),
    prepare(raw) {
      const reading = readFields(input, raw);
      if (reading.kind === 'refused') return reading;
      return { kind: 'ready', ignored: reading.ignored, run: (context) => run(reading.values, context) };
    },
  };
}

function specOf(
  { name, description, kind, isDestructive, isIdempotent }: Described,
  inputSchema: JsonObject,
): ToolSpec {
  return {
    name,
    description,
    inputSchema,
    isReadOnly: kind === 'read',
    ...(isDestructive === undefined ? {} : { isDestructive }),
    ...(isIdempotent === undefined ? {} : { isIdempotent }),
    ...(kind === 'speak' ? { isOpenWorld: true } : {}),
  };
}
