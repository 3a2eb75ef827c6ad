// The directory of one client: what is stored, what the server adds, whom the pins allow. spec: wire-protocol 4.9, 9.10
import type { Slug } from '@puffo/protocol';
import type { ClientContext } from '../context.ts';
import type { HttpClient } from '../http/http-client.ts';
import { createAlerts } from './alerts.ts';
import { type CertChange, createCertCache } from './cert-cache.ts';
import { createCertSync } from './cert-sync.ts';
import { listDeviceAlerts } from './device-changes.ts';
import type { DirectoryStore } from './directory-store.ts';
import type { Directory, Person, PersonProblem } from './directory.ts';
import { createProfileCache } from './profile-cache.ts';
import { createRootTrust } from './root-trust.ts';
import { createSubkeyLookup } from './subkey-lookup.ts';

export interface DirectoryOptions {
  readonly http: HttpClient;
  readonly store: DirectoryStore;
  readonly context: ClientContext;
  readonly ownSlug: Slug;
  /** `publicKey` text of the root key that this device holds: whoever else claims its slug is a liar. */
  readonly ownRootPublicKey?: string | undefined;
}

export function createDirectory({ http, store, context, ownSlug, ownRootPublicKey }: DirectoryOptions): Directory {
  const alerts = createAlerts(context.log);
  const trust = createRootTrust({ store, alerts, ownSlug, ownRootPublicKey });
  const certs = createCertCache(store, context);
  const sync = createCertSync({ http, certs, context, onChange: alertOfDevices });
  const subkeys = createSubkeyLookup({ certs, sync, trust, clock: context.clock });
  const profiles = createProfileCache({ http, store, context });

  async function alertOfDevices(slug: Slug, change: CertChange): Promise<void> {
    for (const alert of listDeviceAlerts(slug, { ...change, pin: await trust.findPin(slug) })) alerts.raise(alert);
  }

  async function getPeople(
    slugs: readonly Slug[],
    { isFresh = false }: { readonly isFresh?: boolean } = {},
  ): ReturnType<Directory['getPeople']> {
    const asked = Array.from(new Set(slugs));
    if (isFresh) await sync.forget(asked);
    await sync.refresh(asked);
    const people = new Map<Slug, Person>();
    const problems: PersonProblem[] = [];
    for (const slug of asked) {
      const chosen = await trust.choose(slug, await certs.get(slug));
      if (chosen.kind === 'problem') problems.push(chosen.problem);
      else people.set(slug, chosen.root);
    }
    return { people, problems };
  }

  return {
    getPeople,
    findSubkey: (slug, subkeyId) => subkeys.find(slug, subkeyId),
    findPin: (slug) => trust.findPin(slug),
    pinOnFirstUse: (identity) => trust.pinOnFirstUse(identity),
    noteCert: (entry) => sync.note(entry),
    setConnected: (isConnected) => sync.setConnected(isConnected),
    getProfiles: (slugs) => profiles.get(slugs),
    onAlert: (listener) => alerts.listen(listener),
  };
}
