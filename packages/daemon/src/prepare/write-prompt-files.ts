// The prompt where the programs of the vendors look for it. spec: daemon-and-cli 1.16, runtimes 8.1
import { PRIMER_MARKER } from '@puffo/agent';
import type { Logger } from '@puffo/base';
import type { AgentFolders } from './agent-folders.ts';
import { attempt } from './attempt.ts';

const PROMPT_FILES = ['.claude/CLAUDE.md', '.gemini/GEMINI.md', '.codex/AGENTS.md'];
const FORMER_FILE = '.claude/CLAUDE.md';
const MARKER_BYTES = 256;

export async function writePromptFiles({ agent }: AgentFolders, prompt: string, logger: Logger): Promise<void> {
  for (const name of PROMPT_FILES) {
    await attempt('prompt-files', logger, () => agent.write(name, prompt));
  }
}

/** An older layout had the prompt in the workspace. Any other file there is the agent's own. */
export async function removeFormerPrompt({ workspace }: AgentFolders, logger: Logger): Promise<void> {
  if (workspace.find(FORMER_FILE)?.isFile() !== true) return;
  const file = await workspace.read(FORMER_FILE, { maxBytes: MARKER_BYTES });
  const [line = ''] = new TextDecoder().decode(file?.bytes).split('\n');
  if (line.trimEnd() !== PRIMER_MARKER) return;
  await workspace.remove(FORMER_FILE);
  logger.info('former-prompt-removed', { path: `${workspace.path}/${FORMER_FILE}` });
}
