// spec: daemon-and-cli 4.19, D-52
import { apiStatus } from '@puffo/daemon/operations';
import { cleanName } from '../../output/clean-text.ts';
import { formatJson } from '../../output/format-json.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { formatLocalTime } from '../format-local-time.ts';

const MAX_CHARACTERS = 2000;

export async function run({ context, has, print }: AgentCall): Promise<ExitCode> {
  const { isEnabled, address, allowedOrigins, pairing, isDaemonAlive } = await apiStatus(context);
  if (has('json')) {
    const paired =
      pairing === undefined ? null : { slug: pairing.slug, device_id: pairing.deviceId, paired_at: pairing.pairedAt };
    print(
      formatJson({
        enabled: isEnabled,
        bind: address,
        allowed_origins: allowedOrigins,
        paired,
        daemon_running: isDaemonAlive,
      }),
    );
    return 0;
  }
  print(`enabled:         ${isEnabled}`);
  print(`bind:            ${cleanName(address)}`);
  print(`allowed_origins: ${cleanName(JSON.stringify(allowedOrigins), MAX_CHARACTERS)}`);
  if (pairing === undefined) print('paired:          (none)');
  else {
    print(`paired:          slug=${cleanName(pairing.slug)} device_id=${cleanName(pairing.deviceId)}`);
    print(`paired_at:       ${formatLocalTime(pairing.pairedAt)}`);
  }
  if (!isDaemonAlive) print('daemon:          not running (settings take effect when it starts)');
  return 0;
}
