import { writeFile } from 'node:fs/promises';
import { readPrivateFile } from '@puffo/host';
import { CliError } from '../cli-error.ts';
import type { Call, CommandDefinition, Outcome } from '../command.ts';
import { getIdentity, getKeys, isAgent, parseOwnSlug } from '../identity/choose-identity.ts';
import { type DataFolder, openDataFolder } from '../identity/data-folder.ts';
import {
  MAX_EXPORT_CHARACTERS,
  MIN_PASSPHRASE_CHARACTERS,
  openExport,
  parseExport,
  sealExport,
} from '../identity/sealed-export.ts';
import { changeCliSettings, readCliSettings } from '../identity/settings-file.ts';
import { columns } from '../output/columns.ts';
import { createLog } from '../signed-in/create-log.ts';

export const IDENTITY_COMMANDS: readonly CommandDefinition[] = [
  {
    name: 'identity list',
    summary: 'list the identities of this machine',
    examples: ['identity list'],
    run: list,
  },
  {
    name: 'identity use',
    summary: 'choose who the other commands act as',
    arguments: [{ name: 'slug', help: 'one of puffo-cli identity list' }],
    examples: ['identity use alice-9a7c'],
    run: use,
  },
  {
    name: 'identity export',
    summary: 'write an identity into an encrypted file',
    arguments: [{ name: 'slug', help: 'which one; otherwise the current one', isOptional: true }],
    options: [{ flag: 'out', value: 'path', help: 'the file; <slug>.puffo if not given' }],
    notes: [
      `Asks for a passphrase twice, of ${MIN_PASSPHRASE_CHARACTERS} characters or more: without it, nobody reads the file again.`,
    ],
    examples: ['identity export', 'identity export alice-9a7c --out /media/stick/alice.puffo'],
    run: exportIdentity,
  },
  {
    name: 'identity import',
    summary: 'take an identity from an encrypted file',
    arguments: [{ name: 'path', help: 'what puffo-cli identity export wrote' }],
    notes: ['Never replaces an identity that is here already.'],
    examples: ['identity import alice.puffo'],
    run: importIdentity,
  },
];

function openFolder(call: Call): DataFolder {
  return openDataFolder(call.world, { clock: call.world.now, log: createLog(call) });
}

async function list(call: Call): Promise<Outcome> {
  const folder = openFolder(call);
  const { paint } = call.terminal;
  const { currentSlug } = await readCliSettings(folder.files);
  const found = [];
  for (const slug of await folder.keys.listIdentities()) {
    const keys = await getKeys(folder, slug);
    found.push({
      slug,
      kind: isAgent(keys) ? 'agent' : 'person',
      server_url: keys.serverUrl,
      device_id: keys.deviceId,
      is_current: slug === currentSlug,
    });
  }
  const rows = found.map(({ slug, kind, server_url, is_current }) => [
    is_current ? paint.green('*') : ' ',
    paint.bold(`@${slug}`),
    kind,
    paint.dim(server_url),
  ]);
  const lines = rows.length === 0 ? ['Nobody is signed in on this machine: puffo-cli signup.'] : columns(rows);
  return { json: found, lines };
}

async function use(call: Call): Promise<Outcome> {
  const folder = openFolder(call);
  const slug = parseOwnSlug(call.argument('slug'));
  await getKeys(folder, slug);
  await changeCliSettings(folder.files, { currentSlug: slug });
  return { json: { slug }, lines: [`You are @${slug} now.`] };
}

async function exportIdentity(call: Call): Promise<Outcome> {
  const folder = openFolder(call);
  const named = call.findArgument('slug');
  const keys =
    named === undefined ? await getIdentity(folder, call.globals) : await getKeys(folder, parseOwnSlug(named));
  const path = call.option('out') ?? `${keys.slug}.puffo`;
  const passphrase = await askNewPassphrase(call);
  const text = await sealExport(keys, { passphrase, random: call.world.random });
  // Exclusive: an older export may be the only one that somebody still knows the passphrase of.
  await writeFile(path, text, { mode: 0o600, flag: 'wx' });
  return {
    json: { slug: keys.slug, path },
    lines: [`Wrote @${keys.slug} to ${path}. Without the passphrase nobody can read it, you included.`],
  };
}

async function askNewPassphrase({ prompts }: Call): Promise<string> {
  const passphrase = await prompts.askSecret('Passphrase: ');
  if (Array.from(passphrase).length < MIN_PASSPHRASE_CHARACTERS) {
    throw new CliError(
      'failed',
      `Cannot use this passphrase: choose one of ${MIN_PASSPHRASE_CHARACTERS} characters or more`,
    );
  }
  const again = await prompts.askSecret('The same again: ');
  if (again !== passphrase) throw new CliError('failed', 'Cannot go on: the two passphrases differ, try again');
  return passphrase;
}

async function importIdentity(call: Call): Promise<Outcome> {
  const folder = openFolder(call);
  const path = call.argument('path');
  const file = await readPrivateFile(path, { maxBytes: MAX_EXPORT_CHARACTERS, isForeign: true });
  if (file === undefined) throw new CliError('failed', `Cannot import ${path}: there is no such file, check the path`);
  const sealed = parseExport(file.text);
  const keys = await openExport(sealed, await call.prompts.askSecret('Passphrase: '));
  const { slug } = keys;
  if ((await folder.keys.loadIdentity(slug)) !== undefined) {
    throw new CliError('failed', `Cannot import @${slug}: it is on this machine already, and stays as it is`);
  }
  await folder.keys.saveIdentity(keys);
  const { currentSlug } = await readCliSettings(folder.files);
  if (currentSlug === undefined) await changeCliSettings(folder.files, { currentSlug: slug });
  return {
    json: { slug, server_url: keys.serverUrl, device_id: keys.deviceId },
    lines: [
      `Imported @${slug}. It is the same device as the one it was exported from: do not use both.`,
      ...(currentSlug === undefined || currentSlug === slug ? [] : [`Choose it with: puffo-cli identity use ${slug}`]),
    ],
  };
}
