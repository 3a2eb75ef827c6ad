// Takes over an identity that puffo-cli made on this machine. spec: daemon-and-cli 1.9, D-28
import { join } from 'node:path';
import { isJsonObject, safeParseJson } from '@puffo/base';
import { dataFoldersOf, makePrivateFolder, readPrivateFile, type System, writePrivateFile } from '@puffo/host';
import type { AgentPaths } from './home.ts';
import { isFile } from './list-agents.ts';

const MAX_BYTES = 256 * 1024;
/** It becomes part of a path. */
const SLUG = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

export type IdentityImport =
  /** It has one already, which is never overwritten. */
  | { readonly kind: 'present' }
  | { readonly kind: 'imported'; readonly from: string; readonly to: string }
  | { readonly kind: 'none'; readonly looked: readonly string[] };

export async function importIdentity(
  { keysFolder }: Pick<AgentPaths, 'keysFolder'>,
  { slug, system }: { readonly slug: string; readonly system: System },
): Promise<IdentityImport> {
  if (!SLUG.test(slug)) return { kind: 'none', looked: [] };
  const to = join(keysFolder, `${slug}.json`);
  if (await isFile(to)) return { kind: 'present' };
  const looked = dataFoldersOf(system).map((folder) => join(folder, 'keys', `${slug}.json`));
  for (const from of looked) {
    const file = await readPrivateFile(from, { maxBytes: MAX_BYTES });
    if (file === undefined || !isIdentityOf(file.text, slug)) continue;
    await makePrivateFolder(keysFolder);
    await writePrivateFile(to, file.text);
    return { kind: 'imported', from, to };
  }
  return { kind: 'none', looked };
}

/** Whoever reads it checks the rest; a file of somebody else must not take the name. */
function isIdentityOf(text: string, slug: string): boolean {
  const result = safeParseJson(text, { maxLength: MAX_BYTES, maxDepth: 8, integers: 'any' });
  return result.kind === 'value' && isJsonObject(result.value) && result.value['slug'] === slug;
}
