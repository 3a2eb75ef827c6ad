// What Claude Code finds in the home of an agent, where it would otherwise ask as on its first day. spec: daemon-and-cli 1.18,
// runtimes 5.1
import { join } from 'node:path';
import { isJsonObject, type JsonObject, type Logger } from '@puffo/base';
import { writePrivateFile } from '@puffo/host';
import { attempt } from './attempt.ts';
import type { GuardedFolder } from './guarded-folder.ts';
import { MAX_SETTINGS_BYTES, parseJsonText } from './json-text.ts';
import { readBounded } from './read-bounded.ts';

export const CLAUDE_STATE = '.claude.json';
const CLAUDE_SETTINGS = '.claude/settings.json';
/** Would be billed per use instead of by the subscription that the operator is logged in with. */
const PAID_KEY = 'ANTHROPIC_API_KEY';

/** Once: what the agent has is never overwritten. */
export async function seedCliSettings(agent: GuardedFolder, homeFolder: string, logger: Logger): Promise<void> {
  for (const name of [CLAUDE_STATE, CLAUDE_SETTINGS]) {
    await attempt('cli-settings', logger, () => seed(agent, name, join(homeFolder, name)));
  }
  await attempt('cli-settings', logger, () => removePaidKey(agent, logger));
}

async function seed(agent: GuardedFolder, name: string, source: string): Promise<void> {
  if (agent.find(name) !== undefined) return;
  const file = await readBounded(source, { maxBytes: MAX_SETTINGS_BYTES, followsLinks: true });
  if (file === undefined || file.isCut) return;
  await writePrivateFile(agent.placeFor(name), file.bytes);
}

async function removePaidKey(agent: GuardedFolder, logger: Logger): Promise<void> {
  const file = await agent.read(CLAUDE_SETTINGS, { maxBytes: MAX_SETTINGS_BYTES });
  if (file === undefined) return;
  const path = agent.placeFor(CLAUDE_SETTINGS);
  const settings = parseJsonText(file, path);
  const env = settings?.['env'];
  if (settings === undefined || !isJsonObject(env) || !(PAID_KEY in env)) return;
  await writePrivateFile(path, toText({ ...settings, env: withoutPaidKey(env) }));
  logger.info('paid-access-removed', { path, variable: PAID_KEY });
}

function withoutPaidKey(env: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== PAID_KEY));
}

function toText(settings: JsonObject): string {
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}
