// spec: mcp-tools 7.4
import { cleanLine } from '@puffo/agent';
import { DEFAULT_PERMISSION_MODE } from '@puffo/agent/config';
import { isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import { optionalText, requiredText, textList, textMap } from '../fields.ts';
import { defineTool } from '../tool-definition.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';
import { whenAllowed } from './when-allowed.ts';
import { changeServer, readDocument, readRegisteredServers, RESERVED_SERVER } from './registered-servers.ts';

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
/** `/home/agent` is the home inside of a container. */
const HOST_PATH = /^(?:[A-Za-z]:[\\/]|\/Users\/|\/tmp\/|\/var\/folders\/|\/home\/(?!agent\/))/;
const MAX_ARGUMENTS = 100;
const MAX_SERVERS = 50;

const NAME_FIELD = requiredText({ description: 'letters, digits, _ and -, at most 64', isBody: true });

export const INSTALL_MCP_SERVER = defineTool({
  name: 'install_mcp_server',
  kind: 'self',
  description: 'Register a program, or an address, whose tools you get from your next turn on.',
  isAvailable: hasServers,
  input: {
    name: NAME_FIELD,
    command: optionalText({ description: 'the program; or give url' }),
    args: textList({ minItems: 0, maxItems: MAX_ARGUMENTS }),
    env: textMap({ description: 'names and values' }),
    url: optionalText({ description: 'http(s) address of a server, instead of command' }),
    headers: textMap({ description: 'names and values, for url' }),
  },
  async run({ name, command, args, env, url, headers }, context) {
    const { parts, signal } = context;
    checkName(name);
    const server = url === '' ? programServer({ command, args, env }, parts) : addressServer({ command, url, headers });
    const known = await readRegisteredServers(parts.workspaceDir);
    if (!Object.hasOwn(known, name) && Object.keys(known).length >= MAX_SERVERS) {
      throw new ToolError(
        'too_large',
        `Cannot register '${name}': there are ${MAX_SERVERS} servers; uninstall one first`,
      );
    }
    async function register(): Promise<string> {
      await changeServer(parts.workspaceDir, { name, server });
      parts.requests.request({ restart: true });
      return `registered ${name}; your engine restarts before your next turn and connects to it then`;
    }

    // New programs are the operator's business where the engine has to ask.
    if (parts.config().runtime.permissionMode !== DEFAULT_PERMISSION_MODE) {
      const wish = {
        tool: 'install_mcp_server',
        what: `register the MCP server '${name}'`,
        input: { name, ...server },
      };
      return whenAllowed(wish, context, register);
    }
    signal.throwIfAborted();
    return { text: await register() };
  },
});

export const UNINSTALL_MCP_SERVER = defineTool({
  name: 'uninstall_mcp_server',
  kind: 'self',
  description: 'Remove an MCP server that you registered.',
  isDestructive: true,
  isAvailable: hasServers,
  input: { name: NAME_FIELD },
  async run({ name }, { parts, signal }) {
    checkName(name);
    const { workspaceDir } = parts;
    if ((await readDocument(workspaceDir)) === undefined) {
      throw new ToolError('not_found', `Cannot uninstall '${name}': you have registered no servers`);
    }
    if (!Object.hasOwn(await readRegisteredServers(workspaceDir), name)) {
      const problem = 'you have not registered it; those of your operator cannot be removed, see list_mcp_servers';
      throw new ToolError('not_found', `Cannot uninstall '${name}': ${problem}`);
    }
    signal.throwIfAborted();
    await changeServer(workspaceDir, { name, server: undefined });
    parts.requests.request({ restart: true });
    return { text: `unregistered ${name}; your engine restarts before your next turn` };
  },
});

export const LIST_MCP_SERVERS = defineTool({
  name: 'list_mcp_servers',
  kind: 'read',
  description: 'The MCP servers that you registered.',
  isAvailable: hasServers,
  input: {},
  async run(_input, { parts }) {
    const servers = Object.entries(await readRegisteredServers(parts.workspaceDir));
    if (servers.length === 0) return { text: '(no MCP servers registered)' };
    const lines = servers
      .map(([name, server]) => `[agent] ${cleanLine(name, 100)}  ${describe(server)}`.trimEnd())
      .toSorted();
    return { text: [`${lines.length} MCP ${lines.length === 1 ? 'server' : 'servers'}`, ...lines].join('\n') };
  },
});

function hasServers({ features }: ToolParts): boolean {
  return features.mcpServers === true;
}

function checkName(name: string): void {
  if (name === RESERVED_SERVER) {
    throw new ToolError(
      'conflict',
      `Cannot use the name '${name}': it is that of the tools you are using; choose another one`,
    );
  }
  if (NAME.test(name) && !name.includes('\n')) return;
  const problem = 'a name has 1 to 64 letters, digits, _ and -';
  throw new ToolError('invalid_argument', `Cannot use the name '${cleanLine(name, 80)}': ${problem}`);
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

function programServer({ command, args, env }: Program, { features }: ToolParts): JsonObject {
  if (command === '') {
    throw new ToolError(
      'invalid_argument',
      'Cannot register this server: `command` is empty; name a program, or give `url`',
    );
  }
  if (features.isContainer === true) {
    const local =
      [command, ...args].find((each) => HOST_PATH.test(each)) ?? (command.includes('\\') ? command : undefined);
    if (local !== undefined) {
      const problem =
        'it is a path of the host, which does not exist where you run; use a name such as npx, or a path below /workspace';
      throw new ToolError('invalid_argument', `Cannot register '${cleanLine(local, 200)}': ${problem}`);
    }
  }
  return { command, args, env };
}

function addressServer({
  command,
  url,
  headers,
}: {
  readonly command: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}): JsonObject {
  if (command !== '') {
    throw new ToolError('invalid_argument', 'Cannot register this server: give `command` or `url`, not both');
  }
  if (!isWebAddress(url)) {
    throw new ToolError('invalid_argument', 'Cannot register this server: `url` has to begin with http:// or https://');
  }
  return { type: 'http', url, headers };
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}

/** What it starts, never what it is told. */
function describe(server: JsonValue): string {
  if (!isJsonObject(server)) return '';
  const { command, url } = server;
  if (typeof command === 'string') return cleanLine(command, 200);
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : '';
}
