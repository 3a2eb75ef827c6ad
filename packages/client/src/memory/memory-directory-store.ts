// A directory that forgets with the process: tests, and clients that keep nothing.
import type { CertEntry, Slug } from '@puffo/protocol';
import { keyOfEntry } from '../directory/accept-entries.ts';
import type { DirectoryStore, StoredCerts, StoredProfile } from '../directory/directory-store.ts';

export function createMemoryDirectoryStore(): DirectoryStore {
  const certs = new Map<Slug, MemoryCerts>();
  const pins = new Map<Slug, string>();
  const profiles = new Map<Slug, StoredProfile>();

  return {
    loadCerts: (slug) => Promise.resolve(readCerts(certs.get(slug))),
    addCerts(slug, added) {
      const known = certs.get(slug) ?? { entries: new Map(), syncedThrough: 0 };
      for (const entry of added.entries) {
        const key = keyOfEntry(entry);
        if (!known.entries.has(key)) known.entries.set(key, entry);
      }
      known.syncedThrough = Math.max(known.syncedThrough, added.syncedThrough);
      certs.set(slug, known);
      return Promise.resolve();
    },
    findPin: (slug) => Promise.resolve(pins.get(slug)),
    pin(slug, rootPublicKey) {
      const pinned = pins.get(slug) ?? rootPublicKey;
      pins.set(slug, pinned);
      return Promise.resolve(pinned);
    },
    replacePin(slug, rootPublicKey) {
      pins.set(slug, rootPublicKey);
      return Promise.resolve();
    },
    loadProfiles(slugs) {
      const found = slugs.flatMap((slug) => profiles.get(slug) ?? []);
      return Promise.resolve(new Map(found.map((stored) => [stored.profile.slug, stored])));
    },
    saveProfiles(saved) {
      for (const stored of saved) profiles.set(stored.profile.slug, stored);
      return Promise.resolve();
    },
  };
}

interface MemoryCerts {
  readonly entries: Map<string, CertEntry>;
  syncedThrough: number;
}

function readCerts(known: MemoryCerts | undefined): StoredCerts {
  if (known === undefined) return { entries: [], syncedThrough: 0 };
  const entries = Array.from(known.entries.values()).sort((left, right) => left.seq - right.seq);
  return { entries, syncedThrough: known.syncedThrough };
}
