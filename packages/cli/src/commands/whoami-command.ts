import { rootFingerprintText } from '@puffo/client';
import type { Call, CommandDefinition, Outcome } from '../command.ts';
import { getIdentity, isAgent } from '../identity/choose-identity.ts';
import { openDataFolder } from '../identity/data-folder.ts';
import { columns } from '../output/columns.ts';
import { createLog } from '../signed-in/create-log.ts';

export const whoamiCommand: CommandDefinition = {
  name: 'whoami',
  summary: 'show who you are here',
  notes: ['Asks no server: it works without a network.'],
  examples: ['whoami', 'whoami --json'],
  run: whoami,
};

async function whoami(call: Call): Promise<Outcome> {
  const folder = openDataFolder(call.world, { clock: call.world.now, log: createLog(call) });
  const keys = await getIdentity(folder, call.globals);
  const fingerprint = rootFingerprintText(keys.rootKey.verifyKey);
  const kind = isAgent(keys) ? 'agent' : 'person';
  return {
    json: {
      slug: keys.slug,
      kind,
      server_url: keys.serverUrl,
      device_id: keys.deviceId,
      root_fingerprint: fingerprint,
    },
    lines: columns([
      ['slug', call.terminal.paint.bold(`@${keys.slug}`)],
      ['is', kind === 'agent' ? 'an agent' : 'a person'],
      ['server', keys.serverUrl],
      ['device', keys.deviceId],
      ['root key', fingerprint],
    ]),
  };
}
