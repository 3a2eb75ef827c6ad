// Who is who: certificates, pinned roots, devices to send to, names. spec: wire-protocol 4.9, 9.10, 9.11
import type {
  CertEntry,
  DeviceId,
  ProfileEntry,
  Slug,
  SubkeyId,
  VerifiedDevice,
  VerifiedIdentity,
  VerifiedSubkey,
} from '@puffo/protocol';

/** What a person should be told. */
export type DirectoryAlert =
  | { readonly kind: 'changed-root'; readonly slug: Slug; readonly pinnedRoot: string; readonly foundRoot: string }
  /** Somebody whose devices are known has one more. */
  | { readonly kind: 'new-device'; readonly slug: Slug; readonly deviceId: DeviceId }
  | { readonly kind: 'revoked-device'; readonly slug: Slug; readonly deviceId: DeviceId };

/** Everything verified; the root is pinned, by this call if it was the first. */
export interface Person {
  readonly identity: VerifiedIdentity;
  /** All of them: `judgeDevice` says which count at a point in time. */
  readonly devices: readonly VerifiedDevice[];
}

export interface PersonProblem {
  readonly slug: Slug;
  /** `changed-root`, `untrusted`, `unknown-person`. */
  readonly code: 'changed-root' | 'untrusted' | 'unknown-person';
  readonly message: string;
}

export interface Directory {
  /**
   * Those who can be believed, and why not the others. Fails only when the server cannot be asked. `isFresh`: the server is
   * asked also for those who are known, because it said that something is missing.
   */
  getPeople(
    slugs: readonly Slug[],
    options?: { readonly isFresh?: boolean },
  ): Promise<{
    readonly people: ReadonlyMap<Slug, Person>;
    readonly problems: readonly PersonProblem[];
  }>;
  /**
   * The certificate of a subkey, verified up to its root. Asks the server when it is not known; `undefined` when the server
   * does not know it either, or it does not verify. Whether the root is the pinned one, `findPin` says.
   */
  findSubkey(slug: Slug, subkeyId: SubkeyId): Promise<VerifiedSubkey | undefined>;
  findPin(slug: Slug): Promise<string | undefined>;
  /** Pins the root of the identity if none is pinned. Returns the one that holds. */
  pinOnFirstUse(identity: VerifiedIdentity): Promise<string>;
  /** From the frame `cert_update`. */
  noteCert(entry: CertEntry): Promise<void>;
  /** Nothing is pushed while there is no connection: what is known has to be asked for again before it is used. */
  setConnected(isConnected: boolean): void;
  /** Those that exist. From memory while young; a miss is asked for, and the same miss not again at once. */
  getProfiles(slugs: readonly Slug[]): Promise<ReadonlyMap<Slug, ProfileEntry>>;
  onAlert(listener: (alert: DirectoryAlert) => void): () => void;
}
