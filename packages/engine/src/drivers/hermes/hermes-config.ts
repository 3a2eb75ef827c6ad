// Our tools in `.hermes/config.yaml`: one line that is ours, and the rest as it was. JSON is YAML, so the line needs no library.
// spec: runtimes 7.1, mcp-tools 3.2
import { EngineError } from '../../spec/engine-error.ts';
import type { ToolEndpoint } from '../../spec/tools.ts';
import { TOKEN_VARIABLE } from './hermes-command.ts';

const MARK = '# managed by puffo-agent';
const SECTION = /^mcp_servers:[ \t]*(#.*)?$/;

/** Fails with an `EngineError` when the servers stand there in a form that a line cannot be added to. */
export function withOwnServer(config: string, endpoint: ToolEndpoint | undefined): string {
  const lines = config.split('\n').filter((line) => !line.endsWith(MARK));
  if (endpoint === undefined) return lines.join('\n');
  const at = lines.findIndex((line) => SECTION.test(line));
  if (at !== -1) return lines.toSpliced(at + 1, 0, describeServer(endpoint, indentBelow(lines, at))).join('\n');
  if (lines.some((line) => line.startsWith('mcp_servers:'))) {
    throw new EngineError(
      'Cannot offer tools to Hermes: mcp_servers in its config.yaml is not one server per line; rewrite it',
      {
        code: 'unavailable',
      },
    );
  }
  const before = lines.join('\n').trimEnd();
  return [...(before === '' ? [] : [before]), 'mcp_servers:', describeServer(endpoint, '  '), ''].join('\n');
}

function describeServer({ url }: ToolEndpoint, indent: string): string {
  const server = { url, headers: { Authorization: `Bearer \${${TOKEN_VARIABLE}}` } };
  return `${indent}puffo: ${JSON.stringify(server)} ${MARK}`;
}

/** Servers of one file stand under each other. */
function indentBelow(lines: readonly string[], at: number): string {
  const next = lines.slice(at + 1).find((line) => /\S/.test(line) && !/^\s*#/.test(line));
  return /^[ ]+/.exec(next ?? '')?.[0] ?? '  ';
}
