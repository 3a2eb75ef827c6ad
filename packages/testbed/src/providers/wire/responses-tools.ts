// Tools of OpenAI's Responses are functions, functions inside a namespace, or custom ones that take a plain text. They
// stand in `tools`, or in an item of the input where codex moves them.
// spec: runtimes 10.6
import type { JsonObject } from '@puffo/base';
import { objectsAt, stringAt } from '../json-access.ts';

export interface DeclaredTool {
  readonly kind: 'function' | 'custom';
  /** On the wire, beside the namespace. */
  readonly name: string;
  readonly namespace: string | undefined;
}

/** Tools in it are called as if they stood outside. */
const PLAIN_NAMESPACE = 'functions';

/** The neutral name of a tool, the same as Claude Code's: `mcp__puffo__send_message`. */
export function joinToolName(namespace: string | undefined, name: string): string {
  if (namespace === undefined || namespace === '' || namespace === PLAIN_NAMESPACE) return name;
  return namespace.endsWith('__') ? namespace + name : `${namespace}__${name}`;
}

export function listDeclaredTools(raw: JsonObject): readonly DeclaredTool[] {
  const moved = objectsAt(raw, 'input').filter(({ type }) => type === 'additional_tools');
  return [raw, ...moved].flatMap((holder) => objectsAt(holder, 'tools')).flatMap(flattenTool);
}

function flattenTool(tool: JsonObject): readonly DeclaredTool[] {
  if (tool['type'] !== 'namespace') return [readTool(tool, undefined)];
  const namespace = stringAt(tool, 'name');
  const inner = namespace === PLAIN_NAMESPACE ? undefined : namespace;
  return objectsAt(tool, 'tools').map((each) => readTool(each, inner));
}

/** The provider's own tools, such as a web search, have a type and no name. */
function readTool(tool: JsonObject, namespace: string | undefined): DeclaredTool {
  const kind = tool['type'] === 'custom' ? 'custom' : 'function';
  return { kind, name: stringAt(tool, 'name') ?? stringAt(tool, 'type') ?? '', namespace };
}

/** How the request declares the tool with this neutral name; a name that nobody declared is a plain function. */
export function findDeclaredTool(raw: JsonObject, name: string): DeclaredTool {
  const found = listDeclaredTools(raw).find((tool) => joinToolName(tool.namespace, tool.name) === name);
  return found ?? { kind: 'function', name, namespace: undefined };
}
