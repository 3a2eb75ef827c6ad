// `docker/shared`: texts that come with the program and belong to the operator as soon as they are edited.
// spec: daemon-and-cli 1.16, D-32
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { isJsonArray, type JsonObject, type Logger } from '@puffo/base';
import { makePrivateFolder, writePrivateFile } from '@puffo/host';
import { readJsonFile, writeJsonFile } from '../home/json-file.ts';
import { findStats } from './find-stats.ts';
import { readAgentText } from './read-agent-text.ts';
import { readBounded } from './read-bounded.ts';
import type { ShippedTexts } from './shipped-texts.ts';

const PRIMER_FILE = 'CLAUDE.md';
const MANIFEST_FILE = '.shipped.json';
const MAX_TEXT_BYTES = 1024 * 1024;
/** Of one file: more versions than anybody upgrades through. */
const MAX_DIGESTS = 100;

/**
 * Puts there what is missing, and replaces what this or an earlier version put there and nobody changed. Several agents may do
 * this at once: they write the same.
 */
export async function bringSharedFolderUpToDate(
  folder: string,
  { texts, logger }: { readonly texts: ShippedTexts; readonly logger: Logger },
): Promise<void> {
  const files = filesOf(texts);
  const { known, isFirst } = await noteDigests(folder, files);
  const edited: string[] = [];
  for (const [name, text] of files) {
    const state = await stateOf(join(folder, name), { text, known: known.get(name) ?? [] });
    if (state === 'edited') edited.push(name);
    if (state !== 'replaceable') continue;
    await makePrivateFolder(dirname(join(folder, name)));
    await writePrivateFile(join(folder, name), text);
    logger.info('shared-text-written', { path: join(folder, name) });
  }
  if (edited.length === 0) return;
  // Of a home that 0.7.2 made: whether it is our own former text or the operator's, nobody knows. Said aloud once.
  const level = isFirst ? 'warn' : 'info';
  logger[level]('shared-texts-edited', {
    folder,
    files: edited.join(', '),
    hint: 'remove a file to get the current text',
  });
}

/** What the operator made of the primer, which then counts for every engine. `undefined`: nothing. */
export async function readEditedPrimer(
  folder: string,
  { texts, logger }: { readonly texts: ShippedTexts; readonly logger: Logger },
): Promise<string | undefined> {
  const path = join(folder, PRIMER_FILE);
  const file = await readBounded(path, { maxBytes: MAX_TEXT_BYTES, followsLinks: true });
  if (file === undefined) return undefined;
  const text = readAgentText(file, { path, logger });
  if (text === texts.primer) return undefined;
  const known = digestsIn(await readManifest(folder), PRIMER_FILE);
  return known.includes(digestOf(file.bytes)) ? undefined : text;
}

function filesOf({ primer, readme, skills }: ShippedTexts): ReadonlyMap<string, string> {
  return new Map([
    [PRIMER_FILE, primer],
    ['README.md', readme],
    ...skills.map(({ name, text }) => [`skills/${name}.md`, text] as const),
  ]);
}

interface NotedDigests {
  /** By name: of everything that was ever put there. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  /** Nothing was before. */
  readonly isFirst: boolean;
}

/** Before the files themselves are written: what is put there must be recognised whatever happens in between. */
async function noteDigests(folder: string, files: ReadonlyMap<string, string>): Promise<NotedDigests> {
  const manifest = await readManifest(folder);
  const isFirst = Object.keys(manifest).length === 0;
  const known = new Map(
    [...files].map(([name, text]) => [name, withDigest(digestsIn(manifest, name), digestOf(text))] as const),
  );
  const isComplete = [...files].every(([name, text]) => digestsIn(manifest, name).includes(digestOf(text)));
  if (isComplete) return { known, isFirst };
  await makePrivateFolder(folder);
  await writeJsonFile(join(folder, MANIFEST_FILE), { ...manifest, ...Object.fromEntries(known) });
  return { known, isFirst };
}

async function readManifest(folder: string): Promise<JsonObject> {
  return (await readJsonFile(join(folder, MANIFEST_FILE))) ?? {};
}

function digestsIn(manifest: JsonObject, name: string): readonly string[] {
  const digests = manifest[name];
  return digests !== undefined && isJsonArray(digests) ? digests.filter((each) => typeof each === 'string') : [];
}

function withDigest(digests: readonly string[], digest: string): readonly string[] {
  return digests.includes(digest) ? digests : [...digests, digest].slice(-MAX_DIGESTS);
}

function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

interface Shipped {
  readonly text: string;
  readonly known: readonly string[];
}

/** `current`: it is what we would write. A link is the operator's, wherever it leads. */
async function stateOf(path: string, { text, known }: Shipped): Promise<'current' | 'replaceable' | 'edited'> {
  const stats = findStats(path);
  if (stats === undefined) return 'replaceable';
  if (!stats.isFile()) return 'edited';
  const file = await readBounded(path, { maxBytes: MAX_TEXT_BYTES });
  if (file === undefined) return 'replaceable';
  const digest = digestOf(file.bytes);
  if (digest === digestOf(text)) return 'current';
  return !file.isCut && known.includes(digest) ? 'replaceable' : 'edited';
}
