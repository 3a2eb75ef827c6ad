// Identities made on the spot, for tests that change things which the fixed vectors cannot show.
import { type JsonObject, type JsonValue, seededRandom } from '@puffo/base';
import {
  generateIdentity,
  generateSigningKey,
  issueOperatorAttestation,
  issueSlugBinding,
  issueSubkeyCert,
  type KemSecretKey,
  type MessageSigner,
  parseChannelId,
  parseSlug,
  parseSpaceId,
  type ReadingDevice,
  type Route,
  sealEnvelope,
  type SealedMessage,
  type SigningKey,
  type Slug,
  type Verdict,
  type VerifiedSubkey,
  verifyDevice,
  verifyIdentity,
  verifySubkey,
  type WrapPool,
} from '../src/index.ts';

export const NOW = 1_778_400_000_000;
export const random = seededRandom(20_26);

const CHANNEL: Route = {
  kind: 'channel',
  spaceId: parseSpaceId('sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db'),
  channelId: parseChannelId('ch_9b5aabe9-1ce4-497e-930f-bac3583e371e'),
};

export interface Person {
  readonly slug: Slug;
  readonly rootKey: SigningKey;
  readonly deviceKey: SigningKey;
  readonly kemKey: KemSecretKey;
  readonly subkeyKey: SigningKey;
  readonly certs: Readonly<Record<'identityCert' | 'slugBinding' | 'deviceCert' | 'subkeyCert', JsonObject>>;
  readonly operatorAttestation: JsonObject | undefined;
  readonly subkey: VerifiedSubkey;
  readonly signer: MessageSigner;
  readonly device: ReadingDevice;
}

/** `operator`: makes the person an agent of that one. */
export function createPerson(slugText: string, operator?: Person): Person {
  const slug = parseSlug(slugText);
  const operatorKey = operator?.rootKey.verifyKey ?? null;
  const keys = generateIdentity({ operatorKey, issuedAt: NOW, random });
  const { rootKey, deviceId, deviceKey, kemKey, identityCert, deviceCert } = keys;
  const subkeyKey = generateSigningKey(random);
  const certs = {
    identityCert,
    deviceCert,
    slugBinding: issueSlugBinding(rootKey, { slug, issuedAt: NOW }),
    subkeyCert: issueSubkeyCert(deviceKey, { subkey: subkeyKey.verifyKey, issuedAt: NOW }),
  };
  const operatorAttestation =
    operator && issueOperatorAttestation(operator.rootKey, { agentKey: rootKey.verifyKey, issuedAt: NOW, random });
  const identity = valueOf(verifyIdentity({ slug, ...certs, operatorAttestation }));
  const subkey = valueOf(verifySubkey(valueOf(verifyDevice(identity, certs)), certs.subkeyCert));
  return {
    slug,
    rootKey,
    deviceKey,
    kemKey,
    subkeyKey,
    certs,
    operatorAttestation,
    subkey,
    signer: { slug, subkeyId: subkey.subkeyId, signingKey: subkeyKey },
    device: { deviceId, kemKey },
  };
}

export interface Saying {
  readonly from: Person;
  readonly to: readonly Person[];
  readonly route?: Route;
  readonly content?: JsonValue;
  readonly wrapPool: WrapPool;
}

export function say({ from, to, route = CHANNEL, content = 'Hello', wrapPool }: Saying): Promise<SealedMessage> {
  return sealEnvelope(
    {
      signer: from.signer,
      route,
      sentAt: NOW + 1000,
      contentType: 'text/plain',
      content,
      recipients: to.map(({ device, kemKey }) => ({ deviceId: device.deviceId, kemKey: kemKey.kemPublicKey })),
    },
    { random, wrapPool },
  );
}

export function valueOf<Value>(verdict: Verdict<Value>): Value {
  if (verdict.kind === 'refused') throw new Error(`refused: ${verdict.reason}: ${verdict.message}`);
  return verdict.value;
}
