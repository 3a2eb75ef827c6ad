// spec: daemon-and-cli 4.7
import { checkUpdate } from '@puffo/daemon/operations';
import { VERSION } from '../../version.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { describeInstallation, isReleaseInstall } from '../installation.ts';
import { CHANNEL_VARIABLE, findReleaseChannel } from '../release-channel.ts';

export async function run({ world, print }: AgentCall): Promise<ExitCode> {
  const channel = findReleaseChannel(world);
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
