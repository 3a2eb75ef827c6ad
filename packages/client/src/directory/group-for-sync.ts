// Many slugs in few requests, without reading much twice. spec: wire-protocol 9.10
import { LIMITS, type Slug } from '@puffo/protocol';

export interface SlugToSync {
  readonly slug: Slug;
  readonly syncedThrough: number;
}

export interface SyncGroup {
  readonly slugs: readonly Slug[];
  /** The least that any of them needs. */
  readonly since: number;
}

/** Those that were never read stay among themselves; the others go together with those read about as far. */
export function groupForSync(slugs: readonly SlugToSync[]): readonly SyncGroup[] {
  const unread = slugs.filter(({ syncedThrough }) => syncedThrough === 0);
  const read = slugs
    .filter(({ syncedThrough }) => syncedThrough > 0)
    .sort((left, right) => left.syncedThrough - right.syncedThrough);
  return [...splitIntoGroups(unread), ...splitIntoGroups(read)];
}

function splitIntoGroups(slugs: readonly SlugToSync[]): readonly SyncGroup[] {
  const groups: SyncGroup[] = [];
  for (let start = 0; start < slugs.length; start += LIMITS.slugsPerRequest) {
    const group = slugs.slice(start, start + LIMITS.slugsPerRequest);
    groups.push({ slugs: group.map(({ slug }) => slug), since: group[0]?.syncedThrough ?? 0 });
  }
  return groups;
}
