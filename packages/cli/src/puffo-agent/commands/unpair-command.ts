// spec: daemon-and-cli 4.18
import { unpair } from '@puffo/daemon/operations';
import { cleanName } from '../../output/clean-text.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';

export async function run({ context, print }: AgentCall): Promise<ExitCode> {
  const pairing = await unpair(context);
  if (pairing === undefined) print('bridge: nothing to unpair (not paired)');
  else print(`bridge: unpaired (was slug=${cleanName(pairing.slug)} device_id=${cleanName(pairing.deviceId)})`);
  return 0;
}
