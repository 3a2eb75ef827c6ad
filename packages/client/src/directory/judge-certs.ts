// What the stored certificates of a slug prove. Pure: no time, no pins, nothing fetched. spec: wire-protocol 4.9
import type { JsonObject } from '@puffo/base';
import {
  type CertEntry,
  type CertKind,
  type DeviceId,
  type IdentityCert,
  type Refusal,
  type Slug,
  type SubkeyId,
  type VerifiedDevice,
  type VerifiedIdentity,
  type VerifiedSubkey,
  type Verdict,
  verifyDevice,
  verifyIdentity,
  verifyIdentityCert,
  verifyOperatorAttestation,
  verifySlugBinding,
  verifySubkey,
} from '@puffo/protocol';

/** A root that proves that the slug is its own, and the devices that it certified. */
export interface KnownRoot {
  readonly identity: VerifiedIdentity;
  readonly devices: readonly VerifiedDevice[];
}

export interface RefusedCert {
  readonly kind: CertKind;
  readonly refusal: Refusal;
}

export interface JudgedCerts {
  /** In the order of the log. More than one only where somebody lies: whoever is pinned is right. */
  readonly roots: readonly KnownRoot[];
  /** What was listed and does not verify. */
  readonly refused: readonly RefusedCert[];
}

export function judgeCerts(slug: Slug, entries: readonly CertEntry[]): JudgedCerts {
  const certs = groupByKind(entries);
  const roots: KnownRoot[] = [];
  const refused: RefusedCert[] = [];
  for (const root of listRoots(certs, refused)) {
    const identity = judgeIdentity({ slug, root, certs });
    if (identity.kind === 'refused') refused.push({ kind: 'identity_cert', refusal: identity });
    else roots.push({ identity: identity.value, devices: judgeDevices(identity.value, certs, refused) });
  }
  if (roots.length > 1) return { roots, refused: refused.filter((cert) => !isOfOtherRoot(cert)) };
  return { roots, refused };
}

export interface JudgedSubkey {
  readonly subkey: VerifiedSubkey | undefined;
  readonly refused: readonly RefusedCert[];
}

/** Tries every listed certificate of this id against every device of the root. */
export function judgeSubkeyOf(
  { devices }: KnownRoot,
  { entries, subkeyId }: { readonly entries: readonly CertEntry[]; readonly subkeyId: SubkeyId },
): JudgedSubkey {
  const refused: RefusedCert[] = [];
  for (const { kind, cert } of entries) {
    if (kind !== 'subkey_cert' || cert['subkey_id'] !== subkeyId) continue;
    for (const device of devices) {
      const verdict = verifySubkey(device, cert);
      if (verdict.kind === 'valid' && verdict.value.subkeyId === subkeyId) return { subkey: verdict.value, refused };
      if (verdict.kind === 'refused') refused.push({ kind: 'subkey_cert', refusal: verdict });
    }
  }
  return { subkey: undefined, refused };
}

type CertsByKind = ReadonlyMap<string, readonly JsonObject[]>;

function groupByKind(entries: readonly CertEntry[]): CertsByKind {
  const certs = new Map<string, JsonObject[]>();
  for (const { kind, cert } of entries) {
    const known = certs.get(kind);
    if (known === undefined) certs.set(kind, [cert]);
    else known.push(cert);
  }
  return certs;
}

function listOf(certs: CertsByKind, kind: CertKind): readonly JsonObject[] {
  return certs.get(kind) ?? [];
}

/** One certificate per root: the first, as a second one is never registered. spec: wire-protocol 4.2 */
function listRoots(certs: CertsByKind, refused: RefusedCert[]): readonly IdentityCert[] {
  const roots = new Map<string, IdentityCert>();
  for (const cert of listOf(certs, 'identity_cert')) {
    const verdict = verifyIdentityCert(cert);
    if (verdict.kind === 'refused') refused.push({ kind: 'identity_cert', refusal: verdict });
    else if (!roots.has(verdict.value.rootKey.publicKey)) roots.set(verdict.value.rootKey.publicKey, verdict.value);
  }
  return Array.from(roots.values());
}

interface RootToJudge {
  readonly slug: Slug;
  readonly root: IdentityCert;
  readonly certs: CertsByKind;
}

/** Where several are listed, the one that verifies; where none does, the first one, for its reason. */
function judgeIdentity({ slug, root, certs }: RootToJudge): Verdict<VerifiedIdentity> {
  const { rootKey, operatorKey } = root;
  const bindings = listOf(certs, 'slug_binding');
  const slugBinding = bindings.find((cert) => {
    const verdict = verifySlugBinding(cert, { rootKey });
    return verdict.kind === 'valid' && verdict.value.slug === slug;
  });
  const attestations = operatorKey === null ? [] : listOf(certs, 'operator_attestation');
  const operatorAttestation = attestations.find((cert) => {
    if (operatorKey === null) return false;
    return verifyOperatorAttestation(cert, { operatorKey, agentKey: rootKey }).kind === 'valid';
  });
  return verifyIdentity({
    slug,
    identityCert: root.object,
    slugBinding: slugBinding ?? bindings[0],
    operatorAttestation: operatorAttestation ?? attestations[0],
    operatorRevocations: listOf(certs, 'operator_revocation'),
  });
}

function judgeDevices(
  identity: VerifiedIdentity,
  certs: CertsByKind,
  refused: RefusedCert[],
): readonly VerifiedDevice[] {
  const revocations = groupByDevice(listOf(certs, 'device_revocation'));
  const devices = new Map<DeviceId, VerifiedDevice>();
  for (const deviceCert of listOf(certs, 'device_cert')) {
    const deviceRevocations = revocations.get(deviceCert['device_id']) ?? [];
    const verdict = verifyDevice(identity, { deviceCert, deviceRevocations });
    if (verdict.kind === 'refused') refused.push({ kind: 'device_cert', refusal: verdict });
    else if (!devices.has(verdict.value.deviceId)) devices.set(verdict.value.deviceId, verdict.value);
  }
  return Array.from(devices.values());
}

function groupByDevice(revocations: readonly JsonObject[]): ReadonlyMap<unknown, readonly JsonObject[]> {
  const byDevice = new Map<unknown, JsonObject[]>();
  for (const cert of revocations) {
    const known = byDevice.get(cert['device_id']);
    if (known === undefined) byDevice.set(cert['device_id'], [cert]);
    else known.push(cert);
  }
  return byDevice;
}

/** With two roots, the devices of each are refused by the other. */
function isOfOtherRoot({ refusal }: RefusedCert): boolean {
  return refusal.reason === 'root_mismatch';
}
