// What puffo-cli remembers between runs: who one is, and where new identities sign up. `<data>/puffo-cli.json`.
import type { JsonObject } from '@puffo/base';
import type { PrivateFiles } from '@puffo/host';
import { decodeJsonObject, isSlug, type Slug } from '@puffo/protocol';

export interface CliSettings {
  readonly currentSlug: Slug | undefined;
  /** Of the last sign-up on this machine. */
  readonly serverUrl: string | undefined;
}

const FILE = 'puffo-cli.json';
const MAX_CHARACTERS = 64 * 1024;

export async function readCliSettings(files: PrivateFiles): Promise<CliSettings> {
  const { current_slug: slug, server_url: serverUrl } = await readObject(files);
  return {
    currentSlug: isSlug(slug) ? slug : undefined,
    serverUrl: typeof serverUrl === 'string' ? serverUrl : undefined,
  };
}

/** What is not named stays, members of newer versions too. */
export async function changeCliSettings(files: PrivateFiles, change: Partial<CliSettings>): Promise<void> {
  await files.lock(FILE, async () => {
    const object = {
      ...(await readObject(files)),
      ...(change.currentSlug === undefined ? {} : { current_slug: change.currentSlug }),
      ...(change.serverUrl === undefined ? {} : { server_url: change.serverUrl }),
    };
    await files.write(FILE, `${JSON.stringify(object, null, 2)}\n`);
  });
}

async function readObject(files: PrivateFiles): Promise<JsonObject> {
  const file = await files.read(FILE);
  return file === undefined
    ? {}
    : decodeJsonObject(file.text, { what: FILE, maxLength: MAX_CHARACTERS, integers: 'any' });
}
