import { completeEnrolment, enrolmentFingerprint, listDevices, parseEnrolmentCode, revokeDevice } from '@puffo/client';
import { isDeviceId } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import type { CommandDefinition, Outcome } from '../command.ts';
import { columns } from '../output/columns.ts';
import { relativeTime } from '../output/format-time.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';

export const DEVICE_COMMANDS: readonly CommandDefinition[] = [
  {
    name: 'device list',
    summary: 'list your devices',
    examples: ['device list'],
    run: signedIn(list),
  },
  {
    name: 'device revoke',
    summary: 'end a device for ever, such as one that was lost',
    arguments: [{ name: 'device-id', help: 'as puffo-cli device list prints it' }],
    options: [{ flag: 'yes', help: 'do not ask' }],
    examples: ['device revoke dev_n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'],
    run: signedIn(revoke),
  },
  {
    name: 'device approve',
    summary: 'let in the machine that printed this code at puffo-cli login',
    arguments: [{ name: 'code', help: 'all of it' }],
    options: [{ flag: 'yes', help: 'do not ask: the fingerprint was compared before' }],
    notes: ['Whoever printed the code becomes you: approve only what you see on your own screen.'],
    examples: ['device approve puffo-device-1.…'],
    run: signedIn(approve),
  },
];

async function list({ call, client }: SignedInCall): Promise<Outcome> {
  const devices = await listDevices(client);
  const now = call.world.now();
  const { paint } = call.terminal;
  const rows = devices.map(({ deviceId, isThisDevice, isUsable, expiresAt, revokedFrom }) => [
    deviceId,
    isThisDevice ? 'this one' : '',
    isUsable ? paint.green('valid') : paint.red(revokedFrom === null ? 'expired' : 'revoked'),
    revokedFrom === null ? '' : relativeTime({ at: revokedFrom, now }),
    isUsable && expiresAt !== null ? `expires ${relativeTime({ at: expiresAt, now })}` : '',
  ]);
  const json = devices.map(({ deviceId, isThisDevice, isUsable, expiresAt, revokedFrom }) => ({
    device_id: deviceId,
    is_this_device: isThisDevice,
    is_usable: isUsable,
    expires_at: expiresAt,
    revoked_from: revokedFrom,
  }));
  return { json, lines: columns(rows) };
}

async function revoke({ call, client }: SignedInCall): Promise<Outcome> {
  const deviceId = call.argument('device-id');
  if (!isDeviceId(deviceId)) {
    throw new CliError('usage', 'Cannot revoke that: a device id is dev_ and 43 characters, see puffo-cli device list');
  }
  const isOwn = deviceId === client.deviceId;
  await confirm(call, isOwn ? 'Revoke this very device, and sign out for ever?' : `Revoke ${deviceId} for ever?`);
  await revokeDevice(client, deviceId);
  return { json: { device_id: deviceId }, lines: [`Revoked ${deviceId}.`] };
}

async function approve({ call, client }: SignedInCall): Promise<Outcome> {
  const code = call.argument('code');
  const fingerprint = enrolmentFingerprint(parseEnrolmentCode(code));
  call.terminal.note(`Fingerprint of the new machine: ${fingerprint}`);
  await confirm(call, 'Does the new machine show the same?');
  const deviceId = await completeEnrolment(client, code);
  return { json: { device_id: deviceId }, lines: [`Approved: ${deviceId} is a device of yours now.`] };
}

export async function confirm(call: SignedInCall['call'], question: string): Promise<void> {
  if (call.hasFlag('yes')) return;
  const answer = (await call.prompts.ask(`${question} [y/N] `)).trim().toLowerCase();
  if (answer !== 'y' && answer !== 'yes') throw new CliError('failed', 'Nothing was changed: you did not say yes');
}
