// Who one is in this run: who was named, else who was chosen, else the only person there is.
import { isJsonObject } from '@puffo/base';
import { decodeJsonObject, type IdentityKeys, isSlug, ProtocolError, type Slug } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import type { Globals } from '../command.ts';
import { cleanName } from '../output/clean-text.ts';
import type { DataFolder } from './data-folder.ts';
import { readCliSettings } from './settings-file.ts';

const MAX_CERT_CHARACTERS = 64 * 1024;

/** With the server that was named on the line, if one was. */
export async function getIdentity(folder: DataFolder, globals: Globals): Promise<IdentityKeys> {
  const keys = await getKeys(folder, await chooseSlug(folder, globals.slug));
  return globals.server === undefined ? keys : { ...keys, serverUrl: parseServerUrl(globals.server) };
}

export async function getKeys({ keys }: DataFolder, slug: Slug): Promise<IdentityKeys> {
  const found = await keys.loadIdentity(slug);
  if (found !== undefined) return found;
  throw new CliError('not-signed-in', `Cannot act as @${slug}: it is not on this machine, see puffo-cli identity list`);
}

async function chooseSlug(folder: DataFolder, named: string | undefined): Promise<Slug> {
  if (named !== undefined) return parseOwnSlug(named);
  const { currentSlug } = await readCliSettings(folder.files);
  const known = await folder.keys.listIdentities();
  if (currentSlug !== undefined && known.includes(currentSlug)) return currentSlug;
  const [first] = known;
  if (first === undefined) {
    throw new CliError(
      'not-signed-in',
      'Nobody is signed in on this machine: use puffo-cli signup, login or identity import',
    );
  }
  const people = await listPeople(folder, known);
  const [only, ...others] = people;
  if (only !== undefined && others.length === 0) return only;
  throw new CliError(
    'not-signed-in',
    'Cannot tell who you are: choose with puffo-cli identity use SLUG, or give --slug',
  );
}

async function listPeople({ keys }: DataFolder, slugs: readonly Slug[]): Promise<readonly Slug[]> {
  const people: Slug[] = [];
  for (const slug of slugs) {
    const found = await keys.loadIdentity(slug);
    if (found !== undefined && !isAgent(found)) people.push(slug);
  }
  return people;
}

/** As the certificate beside the keys says; without one, a person. */
export function isAgent({ identityCertJson }: IdentityKeys): boolean {
  if (identityCertJson === null) return false;
  try {
    const cert = decodeJsonObject(identityCertJson, { what: 'identity_cert_json', maxLength: MAX_CERT_CHARACTERS });
    return isJsonObject(cert) && cert['identity_type'] === 'agent';
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

export function parseOwnSlug(text: string): Slug {
  const slug = text.replace(/^@/, '').toLowerCase();
  if (isSlug(slug)) return slug;
  throw new CliError('usage', `Cannot act as '${cleanName(text)}': a slug is lowercase letters, digits and dashes`);
}

/** Without a slash at its end. */
export function parseServerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isServer = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (isServer && url.username === '' && url.password === '' && url.search === '' && url.hash === '') {
    return url.href.replace(/\/+$/, '');
  }
  throw new CliError('usage', 'Cannot use --server: give an address such as https://chat.example.org');
}
