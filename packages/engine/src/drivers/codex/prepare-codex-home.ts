// The folder of the agent that codex keeps its things in. Ours in it: `AGENTS.md`, whose newest state reaches the model also in
// threads that are resumed. spec: runtimes 8.1, 8.5, 10.3
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError, makePrivateFolder, writeFileAtomically, writePrivateFile } from '@puffo/host';
import { EngineError } from '../../spec/engine-error.ts';
import { TOOL_SERVER } from './codex-arguments.ts';
import { CODEX_FOLDER } from './codex-options.ts';
import { removeTomlTable } from './remove-toml-table.ts';

export interface CodexHome {
  /** As the daemon sees it. */
  readonly agentDir: string;
  readonly systemPrompt: string;
}

export async function prepareCodexHome({ agentDir, systemPrompt }: CodexHome): Promise<void> {
  const folder = join(agentDir, CODEX_FOLDER);
  try {
    await makePrivateFolder(folder);
    await removeOldServer(join(folder, 'config.toml'));
    await writeFileAtomically(join(folder, 'AGENTS.md'), systemPrompt);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new EngineError(error.message, { code: 'unavailable', cause: error });
  }
}

/** Earlier versions wrote our server into the file. Codex refuses to start when it is another kind of server than ours is now. */
async function removeOldServer(path: string): Promise<void> {
  const text = await readText(path);
  if (text === undefined) return;
  const rest = removeTomlTable(text, ['mcp_servers', TOOL_SERVER]);
  if (rest !== text) await writePrivateFile(path, rest);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    const message = `Cannot read ${path}: check that it is a file that this user may read`;
    throw new EngineError(message, { code: 'unavailable', cause: error });
  }
}
