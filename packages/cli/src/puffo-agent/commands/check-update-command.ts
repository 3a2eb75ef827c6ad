// spec: daemon-and-cli 4.7
import { checkUpdate, createHttpChannel } from '@puffo/daemon/operations';
import { VERSION } from '../../version.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { describeInstallation, isReleaseInstall } from '../installation.ts';

/** Where this build asks for releases. */
const CHANNEL_VARIABLE = 'PUFFO_AGENT_UPDATE_URL';

export async function run({ world, print }: AgentCall): Promise<ExitCode> {
  const address = world.env[CHANNEL_VARIABLE] ?? '';
  const channel = world.substitutes?.channel ?? (address === '' ? undefined : createHttpChannel(address));
  print(`installed: puffo-agent ${VERSION}  (${describeInstallation()})`);
  const { latest, isBehind } = await checkUpdate(VERSION, channel);
  if (latest === undefined) {
    const why = channel === undefined ? `no release channel; ${CHANNEL_VARIABLE} names one` : 'cannot be reached';
    print(`latest:    (${why})`);
    return 0;
  }
  print(`latest:    ${latest}`);
  print('');
  if (!isBehind) {
    print("you're up to date.");
    return 0;
  }
  print('an update is available. to upgrade:');
  print(
    isReleaseInstall()
      ? '  npm install --global @puffo/cli@latest'
      : '  git pull && npm ci --ignore-scripts && npm run build',
  );
  print('stop a running daemon first: puffo-agent stop');
  return 0;
}
