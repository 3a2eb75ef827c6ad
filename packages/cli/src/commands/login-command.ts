import { rootFingerprintText, startEnrolment, waitForEnrolment } from '@puffo/client';
import { CliError } from '../cli-error.ts';
import type { CommandDefinition, Outcome } from '../command.ts';
import { changeCliSettings } from '../identity/settings-file.ts';
import { type ServerCall, withServer } from '../signed-in/with-server.ts';

export const loginCommand: CommandDefinition = {
  name: 'login',
  summary: 'make this machine a further device of an identity that you have elsewhere',
  notes: [
    'Prints a code and waits for a quarter of an hour. On a machine where you are signed in, run puffo-cli device approve',
    'with that code. Both show a fingerprint: go on only when it is the same.',
  ],
  examples: ['login --server https://chat.example.org', 'login'],
  run: withServer(login),
};

async function login({ call, folder, platform, context, serverUrl }: ServerCall): Promise<Outcome> {
  const { note } = call.terminal;
  const enrolment = await startEnrolment({ platform, context, serverUrl });
  note('On a machine where you are signed in, run:');
  note('');
  note(`  puffo-cli device approve ${enrolment.code}`);
  note('');
  note(`Fingerprint of this machine: ${enrolment.fingerprint}`);
  note('Waiting …');
  const { keys, rootKey } = await waitForEnrolment(enrolment, { signal: call.world.stop });
  const known = await folder.keys.loadIdentity(keys.slug);
  if (known !== undefined) {
    throw new CliError(
      'failed',
      `Cannot keep the new device: @${keys.slug} is on this machine already; revoke ${keys.deviceId} elsewhere`,
    );
  }
  await folder.keys.saveIdentity(keys);
  await changeCliSettings(folder.files, { currentSlug: keys.slug, serverUrl: keys.serverUrl });
  const fingerprint = rootFingerprintText(rootKey);
  return {
    json: { slug: keys.slug, device_id: keys.deviceId, server_url: keys.serverUrl, root_fingerprint: fingerprint },
    lines: [
      `Signed in: you are @${keys.slug} at ${keys.serverUrl}.`,
      `Fingerprint of your root key: ${fingerprint}`,
      'It must be the one that puffo-cli whoami shows on your other machine.',
    ],
  };
}
