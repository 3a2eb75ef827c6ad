// Which root is trusted for a slug: the one that came first, or the one that this device holds itself.
// spec: wire-protocol appendix B 1
import type { Slug, VerifiedIdentity } from '@puffo/protocol';
import type { Alerts } from './alerts.ts';
import { changedRoot, type ChosenRoot, chooseRoot } from './choose-root.ts';
import type { DirectoryStore } from './directory-store.ts';
import type { JudgedCerts } from './judge-certs.ts';

export interface RootTrust {
  findPin(slug: Slug): Promise<string | undefined>;
  pinOnFirstUse(identity: VerifiedIdentity): Promise<string>;
  /** Pins where nothing is pinned and nothing disputed. */
  choose(slug: Slug, judged: JudgedCerts): Promise<ChosenRoot>;
  /** Roots that prove the slug, in the order in which a signature may be one of theirs. None when it is disputed. */
  listRoots(slug: Slug, judged: JudgedCerts): Promise<readonly string[]>;
}

export interface RootTrustOptions {
  readonly store: DirectoryStore;
  readonly alerts: Alerts;
  readonly ownSlug: Slug;
  /** `publicKey` text of the root key that this device holds. */
  readonly ownRootPublicKey: string | undefined;
}

export function createRootTrust({ store, alerts, ownSlug, ownRootPublicKey }: RootTrustOptions): RootTrust {
  async function findPin(slug: Slug): Promise<string | undefined> {
    return slug === ownSlug && ownRootPublicKey !== undefined ? ownRootPublicKey : store.findPin(slug);
  }

  async function pinOnFirstUse({ slug, rootKey }: VerifiedIdentity): Promise<string> {
    const found = rootKey.publicKey;
    const pinned = (await findPin(slug)) ?? (await store.pin(slug, found));
    if (pinned !== found) alerts.raise({ kind: 'changed-root', slug, pinnedRoot: pinned, foundRoot: found });
    return pinned;
  }

  function alertOfForeign(slug: Slug, { roots, pin }: { roots: readonly string[]; pin: string | undefined }): void {
    if (pin === undefined) return;
    for (const foundRoot of roots) {
      if (foundRoot !== pin) alerts.raise({ kind: 'changed-root', slug, pinnedRoot: pin, foundRoot });
    }
  }

  async function choose(slug: Slug, judged: JudgedCerts): Promise<ChosenRoot> {
    const pin = await findPin(slug);
    alertOfForeign(slug, { roots: rootsOf(judged), pin });
    const chosen = chooseRoot(slug, { ...judged, pin });
    if (chosen.kind !== 'first-use') return chosen;
    const { identity } = chosen.root;
    return (await pinOnFirstUse(identity)) === identity.rootKey.publicKey ? chosen : changedRoot(slug);
  }

  async function listRoots(slug: Slug, judged: JudgedCerts): Promise<readonly string[]> {
    const pin = await findPin(slug);
    const roots = rootsOf(judged);
    alertOfForeign(slug, { roots, pin });
    // Whom to pin is not for the first message to decide.
    if (pin === undefined && roots.length > 1) return [];
    return [...roots.filter((root) => root === pin), ...roots.filter((root) => root !== pin)];
  }

  return { findPin, pinOnFirstUse, choose, listRoots };
}

function rootsOf({ roots }: JudgedCerts): readonly string[] {
  return roots.map(({ identity }) => identity.rootKey.publicKey);
}
