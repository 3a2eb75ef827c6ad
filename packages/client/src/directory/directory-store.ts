// What the directory remembers between runs. Certificates are kept as they came: they are verified anew when they are read.
import type { CertEntry, ProfileEntry, Slug } from '@puffo/protocol';

export interface StoredCerts {
  readonly entries: readonly CertEntry[];
  /** Everything of this slug up to this number is among them. */
  readonly syncedThrough: number;
}

export interface StoredProfile {
  readonly profile: ProfileEntry;
  /** ms */
  readonly fetchedAt: number;
}

export interface DirectoryStore {
  loadCerts(slug: Slug): Promise<StoredCerts>;
  /** Adds entries (those that are there already are passed over), and raises `syncedThrough`, together. */
  addCerts(slug: Slug, certs: StoredCerts): Promise<void>;
  /** `publicKey` text of the root that is trusted for the slug. */
  findPin(slug: Slug): Promise<string | undefined>;
  /** The first one stays: returns the one that holds. Durable when it resolves. */
  pin(slug: Slug, rootPublicKey: string): Promise<string>;
  /** On the word of a person who compared fingerprints. */
  replacePin(slug: Slug, rootPublicKey: string): Promise<void>;
  loadProfiles(slugs: readonly Slug[]): Promise<ReadonlyMap<Slug, StoredProfile>>;
  saveProfiles(profiles: readonly StoredProfile[]): Promise<void>;
}
