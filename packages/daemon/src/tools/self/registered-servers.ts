// `.mcp.json` of the workspace: tool servers that an agent registered for itself. Whoever starts the engine gives them to it, whatever
// file that engine reads. spec: mcp-tools 7.4
import { isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import { createGuardedFolder } from '../../prepare/guarded-folder.ts';
import { ToolError } from '../tool-error.ts';

const FILE = '.mcp.json';
const MEMBER = 'mcpServers';
const MAX_BYTES = 1024 * 1024;
const LIMITS = { maxLength: MAX_BYTES, maxDepth: 16, integers: 'any' } as const;
/** Ours: nobody takes its place. */
export const RESERVED_SERVER = 'puffo';

/** By name, without ours. Those of a damaged file are none. */
export async function readRegisteredServers(workspaceDir: string): Promise<JsonObject> {
  try {
    const { [RESERVED_SERVER]: _ours, ...servers } = serversOf(await readDocument(workspaceDir));
    return servers;
  } catch (error) {
    if (error instanceof ToolError) return {};
    throw error;
  }
}

/** Other entries and members stay as they are. `undefined`: the entry goes. */
export async function changeServer(
  workspaceDir: string,
  { name, server }: { readonly name: string; readonly server: JsonObject | undefined },
): Promise<void> {
  const document = (await readDocument(workspaceDir)) ?? {};
  const { [name]: _old, ...others } = serversOf(document);
  const servers = server === undefined ? others : { ...others, [name]: server };
  const text = `${JSON.stringify({ ...document, [MEMBER]: servers }, undefined, 2)}\n`;
  await createGuardedFolder(workspaceDir).write(FILE, text);
}

/** `undefined`: there is none. Fails when it is not one that can be written again. */
export async function readDocument(workspaceDir: string): Promise<JsonObject | undefined> {
  const file = await createGuardedFolder(workspaceDir).read(FILE, { maxBytes: MAX_BYTES });
  if (file === undefined) return undefined;
  const result = safeParseJson(new TextDecoder().decode(file.bytes), LIMITS);
  if (!file.isCut && result.kind === 'value' && isJsonObject(result.value)) return result.value;
  throw new ToolError('conflict', `Cannot use ${FILE}: it is no JSON object; put it right or move it away`);
}

function serversOf(document: JsonObject | undefined): JsonObject {
  const servers = document?.[MEMBER];
  return isJsonObject(servers) ? servers : {};
}
