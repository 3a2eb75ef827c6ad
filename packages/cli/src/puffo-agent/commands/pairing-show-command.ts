// spec: daemon-and-cli 4.18, D-52
import { showPairing } from '@puffo/daemon/operations';
import { cleanName } from '../../output/clean-text.ts';
import { formatJson } from '../../output/format-json.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { formatLocalTime } from '../format-local-time.ts';

export async function run({ context, has, print }: AgentCall): Promise<ExitCode> {
  const pairing = await showPairing(context);
  if (has('json')) {
    const { slug, deviceId, pairedAt, rootPublicKey } = pairing ?? {};
    const json =
      pairing === undefined
        ? null
        : {
            slug: slug ?? '',
            device_id: deviceId ?? '',
            paired_at: pairedAt ?? 0,
            root_public_key: rootPublicKey ?? '',
          };
    print(formatJson({ pairing: json }));
  } else if (pairing === undefined) print('bridge: not paired');
  else {
    print(`slug:        ${cleanName(pairing.slug)}`);
    print(`device_id:   ${cleanName(pairing.deviceId)}`);
    print(`paired_at:   ${formatLocalTime(pairing.pairedAt)}`);
    print(`root_pubkey: ${cleanName(pairing.rootPublicKey)}`);
  }
  return 0;
}
