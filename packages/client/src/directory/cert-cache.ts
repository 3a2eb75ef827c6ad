// The stored certificates of slugs, and what they prove: verified once, and again when something is added.
import { createKeyedMutex, nextTask } from '@puffo/base';
import type { CertEntry, Slug, SubkeyId, VerifiedSubkey } from '@puffo/protocol';
import type { ClientContext } from '../context.ts';
import { acceptEntries } from './accept-entries.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { DirectoryStore, StoredCerts } from './directory-store.ts';
import { judgeCerts, type JudgedCerts, judgeSubkeyOf, type RefusedCert } from './judge-certs.ts';

const MAX_SLUGS = 8192;
/** Longer than a server keeps messages, which is what old subkeys are needed for. spec: wire-protocol 10.6 */
const EXPIRED_SUBKEY_MS = 35 * 24 * 60 * 60_000;
/** So many slugs are verified before others have their turn. */
const SLUGS_PER_TURN = 16;
const MAX_LOGGED_REFUSALS = 5;

export interface KnownCerts extends JudgedCerts {
  readonly slug: Slug;
  readonly isEmpty: boolean;
  readonly syncedThrough: number;
}

export interface CertsToAdd {
  readonly entries: readonly CertEntry[];
  /** 0: leaves it as it is. */
  readonly syncedThrough: number;
}

/** What is known of a slug before and after something was added. */
export interface CertChange {
  readonly before: JudgedCerts;
  readonly after: JudgedCerts;
}

export interface CertCache {
  get(slug: Slug): Promise<KnownCerts>;
  /** Durable when it resolves; `undefined` when nothing new was among the entries. */
  add(slug: Slug, certs: CertsToAdd): Promise<CertChange | undefined>;
  /** Of one of the roots of `certs`, by `publicKey` text. */
  findSubkey(slug: Slug, subkey: SubkeyOfRoot): Promise<VerifiedSubkey | undefined>;
}

export interface SubkeyOfRoot {
  readonly subkeyId: SubkeyId;
  readonly rootPublicKey: string;
}

interface CacheRow {
  readonly known: KnownCerts;
  readonly subkeys: Map<string, VerifiedSubkey>;
}

export function createCertCache(store: DirectoryStore, { clock, log }: ClientContext): CertCache {
  const rows = createBoundedMap<Slug, CacheRow>(MAX_SLUGS);
  const mutex = createKeyedMutex<Slug>();
  let loads = 0;

  /** Under the slug's lock. */
  async function loadRow(slug: Slug): Promise<CacheRow> {
    const cached = rows.get(slug);
    if (cached !== undefined) return cached;
    loads += 1;
    if (loads % SLUGS_PER_TURN === 0) await nextTask();
    const row = judgeStored(slug, await store.loadCerts(slug));
    rows.set(slug, row);
    logRefused(row.known.slug, row.known.refused);
    return row;
  }

  function judgeStored(slug: Slug, { entries, syncedThrough }: StoredCerts): CacheRow {
    const judged = judgeCerts(slug, entries);
    return { known: { ...judged, slug, isEmpty: entries.length === 0, syncedThrough }, subkeys: new Map() };
  }

  async function addLocked(slug: Slug, certs: CertsToAdd): Promise<CertChange | undefined> {
    const { known } = await loadRow(slug);
    const stored = await store.loadCerts(slug);
    const { accepted, passedOver } = acceptEntries(stored.entries, certs.entries);
    if (passedOver > 0) log.warn('directory.entries-passed-over', { slug, count: passedOver });
    const isRaised = certs.syncedThrough > known.syncedThrough;
    if (accepted.length > 0) await store.addCerts(slug, { entries: accepted, syncedThrough: certs.syncedThrough });
    else if (isRaised) raiseInMemory(slug, certs.syncedThrough);
    if (accepted.length === 0) return undefined;
    rows.delete(slug);
    const { known: after } = await loadRow(slug);
    return { before: known, after };
  }

  /** Not worth a write: after a restart a little is read once more. */
  function raiseInMemory(slug: Slug, syncedThrough: number): void {
    const row = rows.get(slug);
    if (row !== undefined && !row.known.isEmpty) rows.set(slug, { ...row, known: { ...row.known, syncedThrough } });
  }

  async function findLocked(
    slug: Slug,
    { subkeyId, rootPublicKey }: SubkeyOfRoot,
  ): Promise<VerifiedSubkey | undefined> {
    const { known, subkeys } = await loadRow(slug);
    const key = `${rootPublicKey} ${subkeyId}`;
    const verified = subkeys.get(key);
    if (verified !== undefined) return verified;
    const root = known.roots.find(({ identity }) => identity.rootKey.publicKey === rootPublicKey);
    if (root === undefined) return undefined;
    const { entries } = await store.loadCerts(slug);
    const recent = entries.filter((entry) => !isLongExpired(entry, clock()));
    const { subkey, refused } = judgeSubkeyOf(root, { entries: recent, subkeyId });
    if (subkey === undefined) logRefused(slug, refused);
    else subkeys.set(key, subkey);
    return subkey;
  }

  function logRefused(slug: Slug, refused: readonly RefusedCert[]): void {
    for (const { kind, refusal } of refused.slice(0, MAX_LOGGED_REFUSALS)) {
      log.warn('directory.cert-refused', { slug, kind, reason: refusal.reason });
    }
    const unnamed = refused.length - MAX_LOGGED_REFUSALS;
    if (unnamed > 0) log.warn('directory.more-certs-refused', { slug, count: unnamed });
  }

  return {
    get: (slug) => mutex.run(slug, async () => (await loadRow(slug)).known),
    add: (slug, certs) => mutex.run(slug, () => addLocked(slug, certs)),
    findSubkey: (slug, subkey) => mutex.run(slug, () => findLocked(slug, subkey)),
  };
}

function isLongExpired({ kind, cert }: CertEntry, now: number): boolean {
  if (kind !== 'subkey_cert') return false;
  const expiresAt = cert['expires_at'];
  return typeof expiresAt === 'number' && expiresAt < now - EXPIRED_SUBKEY_MS;
}
