// Keys of somebody who is registered nowhere, and a context whose time stands still.
import { seededRandom, silentLogger } from '@puffo/base';
import {
  generateIdentity,
  generateSigningKey,
  type IdentityKeys,
  parseSlug,
  type SessionKeys,
  subkeyIdOf,
  verifyKeyBytes,
} from '@puffo/protocol';
import type { ClientContext, SubkeyCredentials } from '../../src/index.ts';

export const NOW = 1_778_400_000_000;

export interface TestContext extends ClientContext {
  now: number;
}

export function createContext(seed: number): TestContext {
  const context: TestContext = {
    now: NOW,
    clock: () => context.now,
    random: seededRandom(seed),
    log: silentLogger,
  };
  return context;
}

export function createKeys({ random }: ClientContext, slug = 'alice-0001'): IdentityKeys {
  const { rootKey, deviceId, deviceKey, kemKey } = generateIdentity({ operatorKey: null, issuedAt: NOW, random });
  const texts = { slugBindingJson: null, identityCertJson: null, identityProfileJson: null };
  return { slug: parseSlug(slug), deviceId, rootKey, deviceKey, kemKey, serverUrl: 'http://127.0.0.1', ...texts };
}

export function createSessionKeys({ random }: ClientContext, changes: Partial<SessionKeys> = {}): SessionKeys {
  const subkey = generateSigningKey(random);
  const subkeyId = subkeyIdOf(verifyKeyBytes(subkey.verifyKey));
  return { slug: parseSlug('alice-0001'), subkeyId, subkey, expiresAt: NOW + 47 * 3_600_000, ...changes };
}

export function credentialsOf({ slug, subkeyId, subkey }: SessionKeys): SubkeyCredentials {
  return { slug, signerId: subkeyId, signingKey: subkey };
}
