// spec: daemon-and-cli 4.16, D-38
import { resolve } from 'node:path';
import { exportAgent } from '@puffo/daemon/operations';
import { cleanName } from '../../output/clean-text.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';

const MAX_SHOWN = 5;

export async function run({ context, world, argument, has, print, note }: AgentCall): Promise<ExitCode> {
  const id = argument('id');
  const isWithSecrets = has('include-secrets');
  const { file, leftOut } = await exportAgent(context, {
    id,
    destination: resolve(world.workingFolder, argument('dest')),
    isWithSecrets,
    isForced: has('force'),
  });
  print(`exported '${id}' → ${file}`);
  if (isWithSecrets)
    note('warning: the file holds keys and tokens; whoever has it can act as the agent and its operator');
  else if (leftOut.length > 0) {
    const shown = leftOut.slice(0, MAX_SHOWN).map((name) => cleanName(name));
    const more = leftOut.length > MAX_SHOWN ? ` and ${leftOut.length - MAX_SHOWN} more` : '';
    note(`note: left out what may be secret: ${shown.join(', ')}${more}; --include-secrets packs it too`);
  }
  return 0;
}
