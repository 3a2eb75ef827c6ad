// Brings what is stored of slugs up to what the server has, and files what it pushes. spec: wire-protocol 9.10, 10.5
import type { CertEntry, Slug } from '@puffo/protocol';
import type { ClientContext } from '../context.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { CertCache, CertChange, CertsToAdd, KnownCerts } from './cert-cache.ts';
import { createFreshness } from './freshness.ts';
import { groupForSync } from './group-for-sync.ts';
import { type CertPage, readCertPages } from './read-cert-pages.ts';
import { createSharedBatches } from './shared-batches.ts';
import { isRevocation, isRevocationOf } from './stray-revocation.ts';

/** Of one answer, for the other slugs that were asked for. */
const MAX_REVOCATIONS = 512;

export interface CertSync {
  isFresh(slug: Slug): Promise<boolean>;
  /** Whatever was read of them up to now is not fresh any more, nor what is just being read. */
  forget(slugs: readonly Slug[]): Promise<void>;
  /** Asks for those that are not fresh. */
  refresh(slugs: readonly Slug[]): Promise<void>;
  /** Asks anew; `fromStart`: for everything, whatever was read before. */
  read(slug: Slug, options: { readonly fromStart: boolean }): Promise<void>;
  /** Resolves when nobody asks for the slug now. */
  settled(slug: Slug): Promise<void>;
  note(entry: CertEntry): Promise<void>;
  setConnected(isConnected: boolean): void;
}

export interface CertSyncOptions {
  readonly http: HttpClient;
  readonly certs: CertCache;
  readonly context: ClientContext;
  /** Something was added to a slug that had been read before. */
  readonly onChange: (slug: Slug, change: CertChange) => Promise<void>;
}

export function createCertSync({ http, certs, context, onChange }: CertSyncOptions): CertSync {
  const freshness = createFreshness(context.clock);
  const batches = createSharedBatches<Slug>();

  function isKnownFresh({ slug, roots }: KnownCerts): boolean {
    return freshness.isFresh(slug, roots.length > 0);
  }

  async function refresh(slugs: readonly Slug[]): Promise<void> {
    const stale: KnownCerts[] = [];
    for (const slug of slugs) {
      const known = await certs.get(slug);
      if (!isKnownFresh(known)) stale.push(known);
    }
    for (const group of groupForSync(stale)) {
      await batches.run(group.slugs, (idle) => syncTogether(idle, group.since));
    }
  }

  async function syncTogether(slugs: readonly Slug[], since: number): Promise<void> {
    const start = freshness.start();
    const read = await listRead(slugs);
    const revocations: CertEntry[] = [];
    try {
      for await (const page of readCertPages({ http, context }, { slugs, since })) {
        if (slugs.length > 1 && page.entries.some(({ slug }) => slug === undefined)) return await syncApart(slugs);
        await Promise.all(
          slugs.map((slug) => file(slug, { certs: entriesOf(slug, slugs, page), isRead: read.has(slug) })),
        );
        const room = MAX_REVOCATIONS - revocations.length;
        revocations.push(...page.entries.filter(isRevocation).slice(0, room));
      }
    } finally {
      await fileStrays(slugs, revocations);
    }
    for (const slug of slugs) freshness.mark(slug, start);
  }

  /** A server that does not say whose an entry is: it is asked for one at a time. */
  async function syncApart(slugs: readonly Slug[]): Promise<void> {
    for (const slug of slugs) await syncTogether([slug], (await certs.get(slug)).syncedThrough);
  }

  async function listRead(slugs: readonly Slug[]): Promise<ReadonlySet<Slug>> {
    const known = await Promise.all(slugs.map((slug) => certs.get(slug)));
    return new Set(known.filter(({ syncedThrough }) => syncedThrough > 0).map(({ slug }) => slug));
  }

  async function file(slug: Slug, added: { readonly certs: CertsToAdd; readonly isRead: boolean }): Promise<void> {
    const change = await certs.add(slug, added.certs);
    if (change !== undefined && added.isRead) await onChange(slug, change);
  }

  async function fileStrays(slugs: readonly Slug[], revocations: readonly CertEntry[]): Promise<void> {
    if (slugs.length < 2) return;
    for (const entry of revocations) {
      for (const slug of slugs) {
        if (entry.slug === slug) continue;
        const { roots } = await certs.get(slug);
        if (!roots.some(({ identity }) => isRevocationOf(identity, entry))) continue;
        context.log.warn('directory.stray-revocation', { slug, seq: entry.seq });
        await file(slug, { certs: { entries: [entry], syncedThrough: 0 }, isRead: true });
      }
    }
  }

  async function note(entry: CertEntry): Promise<void> {
    const { slug } = entry;
    if (slug === undefined) return freshness.forgetAll();
    const known = await certs.get(slug);
    // Of somebody nobody asked about, nothing is kept. An answer that is on its way may not have it yet.
    if (known.isEmpty && !batches.isRunning(slug)) return freshness.forget(slug);
    return file(slug, { certs: { entries: [entry], syncedThrough: 0 }, isRead: known.syncedThrough > 0 });
  }

  return {
    isFresh: async (slug) => isKnownFresh(await certs.get(slug)),
    async forget(slugs) {
      await Promise.all(slugs.map((slug) => batches.settled(slug)));
      for (const slug of slugs) freshness.forget(slug);
    },
    refresh,
    async read(slug, { fromStart }) {
      const { syncedThrough } = await certs.get(slug);
      await batches.run([slug], (idle) => syncTogether(idle, fromStart ? 0 : syncedThrough));
    },
    settled: (slug) => batches.settled(slug),
    note,
    setConnected: (isConnected) => freshness.setConnected(isConnected),
  };
}

/** What nobody asked for is left out. An entry without a name belongs to the only one who was asked for. */
function entriesOf(slug: Slug, asked: readonly Slug[], { entries, through }: CertPage): CertsToAdd {
  const own = entries.filter((entry) => (entry.slug ?? asked[0]) === slug);
  return { entries: own, syncedThrough: through };
}
