// The MCP servers of an agent, in the file that Claude Code is started with: those of the operator, and those that the agent
// registered for itself. It reads no other file, so that nothing of a project or a user slips in. spec: mcp-tools 7.4,
// daemon-and-cli 1.15
import { join } from 'node:path';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type Logger } from '@puffo/base';
import { EngineError } from '@puffo/engine';
import { attempt } from '../prepare/attempt.ts';
import { createGuardedFolder, type GuardedFolder } from '../prepare/guarded-folder.ts';
import { MAX_SETTINGS_BYTES, parseJsonText } from '../prepare/json-text.ts';
import { CLAUDE_STATE } from '../prepare/seed-cli-settings.ts';
import { readRegisteredServers, RESERVED_SERVER } from '../tools/self/registered-servers.ts';

/** Below the agent's folder. Secret: it holds what servers are started with. */
export const CLAUDE_SERVERS = 'mcp-config.json';
const STEP = 'mcp-servers';

export interface ClaudeServersOptions {
  /** Absolute. */
  readonly agentDir: string;
  readonly workspaceDir: string;
  readonly logger: Logger;
}

/**
 * As they are now. By name, the operator's wins; ours is not among them, because it comes over the program's own channel. Fails with
 * an `EngineError`.
 */
export async function writeClaudeServers({ agentDir, workspaceDir, logger }: ClaudeServersOptions): Promise<void> {
  const agent = createGuardedFolder(agentDir);
  // The program may write these files: an agent goes on without what it made unreadable.
  const registered = await attempt(STEP, logger, () => readRegisteredServers(workspaceDir));
  const ofOperator = await attempt(STEP, logger, () => readOperatorServers(agent));
  const known = Object.entries({ ...registered, ...ofOperator }).filter(([name]) => name !== RESERVED_SERVER);
  const usable = known.filter(([name, server]) => {
    const isGood = NAME.test(name) && isServer(server);
    if (!isGood)
      logger.warn('mcp-server-left-out', { server: name.slice(0, MAX_SHOWN), reason: 'it is not understood' });
    return isGood;
  });
  const text = `${JSON.stringify({ mcpServers: Object.fromEntries(usable) }, undefined, 2)}\n`;
  try {
    await agent.write(CLAUDE_SERVERS, text);
  } catch (cause) {
    const message = `Cannot write ${join(agentDir, CLAUDE_SERVERS)}: look at the folder, and at the space of the disk`;
    throw new EngineError(message, { code: 'unavailable', cause });
  }
}

async function readOperatorServers(agent: GuardedFolder): Promise<JsonObject> {
  const file = await agent.read(CLAUDE_STATE, { maxBytes: MAX_SETTINGS_BYTES });
  const servers = file === undefined ? undefined : parseJsonText(file, join(agent.path, CLAUDE_STATE))?.['mcpServers'];
  return isJsonObject(servers) ? servers : {};
}

/** What the program takes: it does not start at all with a file in which one entry is wrong. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_SHOWN = 80;
const ADDRESS_TYPES: readonly JsonValue[] = ['http', 'sse'];

function isServer(server: JsonValue): boolean {
  if (!isJsonObject(server)) return false;
  const { type = 'stdio', command, args = [], env = {}, url, headers = {} } = server;
  if (ADDRESS_TYPES.includes(type)) return typeof url === 'string' && url !== '' && isTextMap(headers);
  if (type !== 'stdio' || typeof command !== 'string' || command === '') return false;
  return isJsonArray(args) && args.every((each) => typeof each === 'string') && isTextMap(env);
}

function isTextMap(value: JsonValue): boolean {
  return isJsonObject(value) && Object.values(value).every((each) => typeof each === 'string');
}
