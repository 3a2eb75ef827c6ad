// What became different about the devices of somebody who was known before.
import type { Slug } from '@puffo/protocol';
import type { DirectoryAlert } from './directory.ts';
import type { JudgedCerts, KnownRoot } from './judge-certs.ts';
import type { CertChange } from './cert-cache.ts';

/** `pin`: only the devices of the trusted root concern anybody. */
export function listDeviceAlerts(
  slug: Slug,
  { before, after, pin }: CertChange & { readonly pin: string | undefined },
): readonly DirectoryAlert[] {
  const known = findRoot(before, pin);
  const now = findRoot(after, pin);
  if (known === undefined || now === undefined || known.devices.length === 0) return [];
  const earlier = new Map(known.devices.map((device) => [device.deviceId, device]));
  return now.devices.flatMap(({ deviceId, revokedFrom }): readonly DirectoryAlert[] => {
    const old = earlier.get(deviceId);
    if (old === undefined) return [{ kind: 'new-device', slug, deviceId }];
    return old.revokedFrom === null && revokedFrom !== null ? [{ kind: 'revoked-device', slug, deviceId }] : [];
  });
}

function findRoot({ roots }: JudgedCerts, pin: string | undefined): KnownRoot | undefined {
  return roots.find(({ identity }) => identity.rootKey.publicKey === pin);
}
