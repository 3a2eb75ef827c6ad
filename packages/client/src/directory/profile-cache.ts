// Names and pictures. Nobody vouches for them, so a stale one is better than none. spec: wire-protocol 9.11
import { LIMITS, type ProfileEntry, type Slug } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { HttpClient } from '../http/http-client.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { DirectoryStore, StoredProfile } from './directory-store.ts';
import { isWithin } from './freshness.ts';
import { createSharedBatches } from './shared-batches.ts';

const YOUNG_MS = 10 * 60_000;
const MISS_MS = 5000;
const MAX_PROFILES = 8192;
/** The longest text that a profile may have by the specification. */
const MAX_TEXT_CHARACTERS = LIMITS.soulCharacters;

export interface ProfileCache {
  get(slugs: readonly Slug[]): Promise<ReadonlyMap<Slug, ProfileEntry>>;
}

export interface ProfileCacheOptions {
  readonly http: HttpClient;
  readonly store: DirectoryStore;
  readonly context: ClientContext;
}

export function createProfileCache({ http, store, context: { clock, log } }: ProfileCacheOptions): ProfileCache {
  const profiles = createBoundedMap<Slug, StoredProfile>(MAX_PROFILES);
  const misses = createBoundedMap<Slug, number>(MAX_PROFILES);
  const batches = createSharedBatches<Slug>();

  async function get(slugs: readonly Slug[]): Promise<ReadonlyMap<Slug, ProfileEntry>> {
    const asked = Array.from(new Set(slugs));
    const known = await findKnown(asked);
    const now = clock();
    const wanted = asked.filter((slug) => {
      const at = known.get(slug)?.fetchedAt;
      if (at !== undefined && isWithin(YOUNG_MS, { at, now })) return false;
      const missedAt = misses.get(slug);
      return missedAt === undefined || !isWithin(MISS_MS, { at: missedAt, now });
    });
    for (let start = 0; start < wanted.length; start += LIMITS.slugsPerRequest) {
      const batch = wanted.slice(start, start + LIMITS.slugsPerRequest);
      const failure = await tryFetch(batch);
      if (failure === undefined) continue;
      if (batch.some((slug) => !known.has(slug))) throw failure;
      log.warn('directory.profiles-stale', { count: batch.length, code: failure.code });
    }
    return readProfiles(asked, known);
  }

  async function findKnown(slugs: readonly Slug[]): Promise<ReadonlyMap<Slug, StoredProfile>> {
    const known = new Map<Slug, StoredProfile>();
    for (const slug of slugs) {
      const cached = profiles.get(slug);
      if (cached !== undefined) known.set(slug, cached);
    }
    const missing = slugs.filter((slug) => !known.has(slug));
    if (missing.length === 0) return known;
    for (const [slug, stored] of await store.loadProfiles(missing)) {
      known.set(slug, stored);
      profiles.set(slug, stored);
    }
    return known;
  }

  async function tryFetch(batch: readonly Slug[]): Promise<ClientError | undefined> {
    try {
      await batches.run(batch, fetchProfiles);
      return undefined;
    } catch (error) {
      if (error instanceof ClientError) return error;
      throw error;
    }
  }

  async function fetchProfiles(slugs: readonly Slug[]): Promise<void> {
    const fetchedAt = clock();
    const answer = await http.call('listProfiles', { query: { slugs } });
    const asked = new Set(slugs);
    const found = new Map<Slug, StoredProfile>();
    for (const profile of answer.profiles.items) {
      if (asked.has(profile.slug)) found.set(profile.slug, { profile: cutTexts(profile), fetchedAt });
    }
    for (const slug of slugs) {
      const stored = found.get(slug);
      if (stored === undefined) misses.set(slug, fetchedAt);
      else profiles.set(slug, stored);
    }
    await keepProfiles(Array.from(found.values()), { store, log });
  }

  function readProfiles(
    slugs: readonly Slug[],
    known: ReadonlyMap<Slug, StoredProfile>,
  ): ReadonlyMap<Slug, ProfileEntry> {
    const found = new Map<Slug, ProfileEntry>();
    for (const slug of slugs) {
      const stored = profiles.get(slug) ?? known.get(slug);
      if (stored !== undefined) found.set(slug, stored.profile);
    }
    return found;
  }

  return { get };
}

/** A cache that cannot be written is read again from the server after the next start. */
async function keepProfiles(
  found: readonly StoredProfile[],
  { store, log }: { readonly store: DirectoryStore; readonly log: ClientContext['log'] },
): Promise<void> {
  if (found.length === 0) return;
  try {
    await store.saveProfiles(found);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    log.warn('directory.profiles-not-kept', { count: found.length, code: error.code });
  }
}

function cutTexts(profile: ProfileEntry): ProfileEntry {
  const cut = Object.entries(profile).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.slice(0, MAX_TEXT_CHARACTERS) : value,
  ]);
  return { ...profile, ...Object.fromEntries(cut) };
}
