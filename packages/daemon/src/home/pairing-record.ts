// `pairing.json`: the operator whose browser may manage agents. spec: daemon-and-cli 1.8
import { unlink } from 'node:fs/promises';
import { isJsonObject, type JsonObject } from '@puffo/base';
import type { Home } from './home.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

export interface PairingRecord {
  readonly slug: string;
  readonly deviceId: string;
  readonly rootPublicKey: string;
  readonly deviceSigningPublicKey: string;
  /** As received. */
  readonly identityCert: JsonObject;
  readonly deviceCert: JsonObject;
  /** ms */
  readonly pairedAt: number;
}

/** `undefined`: not paired, also when a member is missing. */
export async function readPairing({ pairingFile }: Pick<Home, 'pairingFile'>): Promise<PairingRecord | undefined> {
  const found = await readJsonFile(pairingFile);
  if (found === undefined) return undefined;
  const { slug, device_id, root_public_key, device_signing_public_key, identity_cert, device_cert, paired_at } = found;
  if (typeof slug !== 'string' || typeof device_id !== 'string' || typeof paired_at !== 'number') return undefined;
  if (typeof root_public_key !== 'string' || typeof device_signing_public_key !== 'string') return undefined;
  if (!isJsonObject(identity_cert) || !isJsonObject(device_cert)) return undefined;
  return {
    slug,
    deviceId: device_id,
    rootPublicKey: root_public_key,
    deviceSigningPublicKey: device_signing_public_key,
    identityCert: identity_cert,
    deviceCert: device_cert,
    pairedAt: Math.trunc(paired_at),
  };
}

/** Replaces an earlier pairing. The home exists. */
export async function writePairing({ pairingFile }: Pick<Home, 'pairingFile'>, pairing: PairingRecord): Promise<void> {
  await writeJsonFile(pairingFile, {
    slug: pairing.slug,
    device_id: pairing.deviceId,
    root_public_key: pairing.rootPublicKey,
    device_signing_public_key: pairing.deviceSigningPublicKey,
    identity_cert: pairing.identityCert,
    device_cert: pairing.deviceCert,
    paired_at: pairing.pairedAt,
  });
}

/** What was removed; a file that cannot be read counts as not paired and stays. */
export async function removePairing(home: Pick<Home, 'pairingFile'>): Promise<PairingRecord | undefined> {
  const pairing = await readPairing(home);
  if (pairing !== undefined) await unlink(home.pairingFile);
  return pairing;
}
