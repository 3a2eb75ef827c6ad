// The tool servers that the operator registered with Claude Code, for the agent's. spec: daemon-and-cli 1.17, runtimes 6.4
import { join } from 'node:path';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type Logger } from '@puffo/base';
import { writePrivateFile } from '@puffo/host';
import type { GuardedFolder } from './guarded-folder.ts';
import { MAX_SETTINGS_BYTES, parseJsonText } from './json-text.ts';
import { readBounded } from './read-bounded.ts';
import { CLAUDE_STATE } from './seed-cli-settings.ts';

const MEMBER = 'mcpServers';
/** `/home/agent` is the home inside of a container. */
const HOST_PATH = /^(?:[A-Za-z]:[\\/]|\/Users\/|\/tmp\/|\/var\/folders\/|\/home\/(?!agent\/))/;

export interface McpOptions {
  readonly homeFolder: string;
  /** Programs of the host do not exist there. */
  readonly isContainer: boolean;
  readonly logger: Logger;
}

/** By name: the host's wins, what only the agent has stays. Nothing is written when nothing changes. */
export async function mergeMcpServers(
  agent: GuardedFolder,
  { homeFolder, isContainer, logger }: McpOptions,
): Promise<void> {
  const ofHost = await readHostServers(join(homeFolder, CLAUDE_STATE));
  const usable = Object.entries(ofHost).filter(([name, server]) => {
    const isUsable = !isContainer || !isHostLocal(server);
    if (!isUsable) logger.warn('mcp-server-left-out', { server: name, reason: 'its command exists on the host only' });
    return isUsable;
  });
  if (usable.length === 0) return;
  const path = agent.placeFor(CLAUDE_STATE);
  const file = await agent.read(CLAUDE_STATE, { maxBytes: MAX_SETTINGS_BYTES });
  const state = (file === undefined ? undefined : parseJsonText(file, path)) ?? {};
  const own = isJsonObject(state[MEMBER]) ? state[MEMBER] : {};
  if (usable.every(([name, server]) => Object.hasOwn(own, name) && isSame(own[name], server))) return;
  const merged = { ...state, [MEMBER]: { ...own, ...Object.fromEntries(usable) } };
  await writePrivateFile(path, JSON.stringify(merged, undefined, 2));
}

async function readHostServers(path: string): Promise<JsonObject> {
  const file = await readBounded(path, { maxBytes: MAX_SETTINGS_BYTES, followsLinks: true });
  const servers = file === undefined ? undefined : parseJsonText(file, path)?.[MEMBER];
  return isJsonObject(servers) ? servers : {};
}

/** Also behind a program that starts others, such as `npx`. */
function isHostLocal(server: JsonValue): boolean {
  if (!isJsonObject(server)) return false;
  const { command, args } = server;
  if (typeof command === 'string' && (command.includes('\\') || HOST_PATH.test(command))) return true;
  return (
    args !== undefined && isJsonArray(args) && args.some((each) => typeof each === 'string' && HOST_PATH.test(each))
  );
}

function isSame(left: JsonValue | undefined, right: JsonValue): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
