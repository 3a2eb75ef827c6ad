// spec: daemon-and-cli 4.6
import { VERSION } from '../../version.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { describeInstallation } from '../installation.ts';

export function run({ print }: AgentCall): Promise<ExitCode> {
  print(`puffo-agent ${VERSION}  (${describeInstallation()})`);
  return Promise.resolve(0);
}
