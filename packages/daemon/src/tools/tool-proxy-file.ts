// Where the stdio proxy is, for engines that only start programs. It runs with Node, needs nothing beside it, and is told
// PUFFO_TOOL_URL and PUFFO_TOOL_TOKEN. spec: mcp-tools 3.4
import { fileURLToPath } from 'node:url';

export function toolProxyFile(): string {
  return fileURLToPath(new URL('../../bin/puffo-mcp.mjs', import.meta.url));
}
