import { ClientError, signUp } from '@puffo/client';
import { isUsername } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import type { CommandDefinition, Outcome } from '../command.ts';
import { changeCliSettings } from '../identity/settings-file.ts';
import { openPending } from '../identity/pending-registration.ts';
import { type ServerCall, withServer } from '../signed-in/with-server.ts';

export const signupCommand: CommandDefinition = {
  name: 'signup',
  summary: 'make a new identity at a server',
  options: [
    { flag: 'invite-code', value: 'code', help: 'from who runs the server; any text where signing up is open' },
    { flag: 'username', value: 'name', help: 'letters, digits and dashes; becomes part of the slug', isRequired: true },
    { flag: 'display-name', value: 'name', help: 'what others see' },
  ],
  notes: ['Interrupted, the same command goes on where it was.'],
  examples: [
    'signup --server https://chat.example.org --invite-code ABCD-EFGH-JKLM-NPQR --username alice',
    'signup --invite-code ABCD-EFGH-JKLM-NPQR --username alice --display-name "Alice A."',
  ],
  run: withServer(signUpHere),
};

async function signUpHere({ call, folder, platform, context, serverUrl }: ServerCall): Promise<Outcome> {
  const username = readUsername(call.option('username') ?? '');
  const pending = await openPending(folder, { name: `signup-${username}`, serverUrl });
  try {
    const keys = await signUp({
      platform,
      context,
      serverUrl,
      inviteCode: call.option('invite-code') ?? OPEN,
      username,
      displayName: call.option('display-name'),
      pending: pending.text,
      keepPending: pending.keep,
    });
    await folder.keys.saveIdentity(keys);
    await changeCliSettings(folder.files, { currentSlug: keys.slug, serverUrl: keys.serverUrl });
    await pending.remove();
    return {
      json: { slug: keys.slug, device_id: keys.deviceId, server_url: keys.serverUrl },
      lines: [
        `Signed up: you are @${keys.slug} at ${keys.serverUrl}.`,
        'Your keys are on this machine only: keep a copy with puffo-cli identity export.',
      ],
    };
  } catch (error) {
    if (error instanceof ClientError && error.code === 'refused') await pending.removeIfUnused();
    throw error;
  }
}

/** Where signing up is open, the server asks for a code and takes any. */
const OPEN = 'none';

export function readUsername(text: string): string {
  const username = text.toLowerCase();
  if (isUsername(username)) return username;
  throw new CliError(
    'usage',
    'Cannot use this name: up to 58 letters, digits and dashes, beginning with a letter or digit',
  );
}
