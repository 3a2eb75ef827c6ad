// What is measured: the jobs of a client and a server, through the public interface of the package.
import { encodeUtf8, type JsonObject, systemRandom } from '@puffo/base';
import {
  canonicalize,
  createEnvelopeId,
  createHpkeInfo,
  createWrapPool,
  decodeEnvelope,
  decodeJson,
  deviceIdOf,
  generateIdentity,
  generateKemSecretKey,
  generateSigningKey,
  hpkeOpen,
  hpkeSeal,
  issueSlugBinding,
  issueSubkeyCert,
  type KemSecretKey,
  type KnownSigner,
  LIMITS,
  type MessageRecipient,
  openEnvelope,
  parseChannelId,
  parseSlug,
  parseSpaceId,
  sealEnvelope,
  type SealedMessage,
  signRequest,
  type Verdict,
  type VerifiedSubkey,
  verifyDevice,
  verifyIdentity,
  verifyKeyBytes,
  verifyMessage,
  verifyRequest,
  verifySubkey,
  type WrapPool,
} from '@puffo/protocol';

const NOW = 1_778_400_000_000;
const TEXT = 'A message of ordinary length, as people and bots write them. '.repeat(8);
const random = systemRandom;

export interface Work {
  readonly hpkeSeal: () => unknown;
  readonly hpkeOpen: () => unknown;
  /** The envelope as bytes of JSON. */
  readonly seal: (devices: number, pool: WrapPool) => Promise<SealedMessage>;
  /** From bytes of JSON to the verified message. */
  readonly open: (envelopeJson: string) => unknown;
  readonly canonicalize: () => unknown;
  readonly signRequest: () => unknown;
  readonly verifyRequest: () => Promise<unknown>;
}

/** About the size of a chat message with its routing, members already in canonical order. */
export const DOCUMENT: JsonObject = {
  channel_id: 'ch_9b5aabe9-1ce4-497e-930f-bac3583e371e',
  content: TEXT,
  content_type: 'text/plain',
  envelope_kind: 'channel',
  message_nonce: 'CPJWk52CwMvZCrQTP9VLvw',
  recipient_slug: null,
  sent_at: NOW,
  space_id: 'sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db',
  thread_root_id: null,
  type: 'message_payload',
  version: 1,
};

export async function createWork(maxDevices: number): Promise<Work> {
  const slug = parseSlug('bench-0001');
  const { rootKey, deviceKey, kemKey, ...certs } = generateIdentity({ operatorKey: null, issuedAt: NOW, random });
  const subkey = generateSigningKey(random);
  const slugBinding = issueSlugBinding(rootKey, { slug, issuedAt: NOW });
  const subkeyCert = issueSubkeyCert(deviceKey, { subkey: subkey.verifyKey, issuedAt: NOW });
  const device = valueOf(verifyDevice(valueOf(verifyIdentity({ slug, ...certs, slugBinding })), certs));
  const signer: VerifiedSubkey = valueOf(verifySubkey(device, subkeyCert));
  const others: MessageRecipient[] = Array.from({ length: maxDevices - 1 }, () => ({
    deviceId: deviceIdOf(verifyKeyBytes(generateSigningKey(random).verifyKey)),
    kemKey: generateKemSecretKey(random).kemPublicKey,
  }));
  const recipients = [...others, { deviceId: device.deviceId, kemKey: kemKey.kemPublicKey }];
  const pinnedRoot = rootKey.verifyKey.publicKey;

  return {
    ...hpkeWork(kemKey),
    seal: (devices, wrapPool) =>
      sealEnvelope(
        {
          envelopeId: createEnvelopeId(random),
          signer: { slug, subkeyId: signer.subkeyId, signingKey: subkey },
          route: {
            kind: 'channel',
            spaceId: parseSpaceId('sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db'),
            channelId: parseChannelId('ch_9b5aabe9-1ce4-497e-930f-bac3583e371e'),
          },
          sentAt: NOW,
          contentType: 'text/plain',
          content: TEXT,
          recipients: recipients.slice(-devices),
        },
        { random, wrapPool },
      ),
    open(envelopeJson) {
      const value = decodeJson(envelopeJson, { what: 'envelope', maxLength: LIMITS.messageBodyBytes });
      const opened = valueOf(openEnvelope(decodeEnvelope(value), { deviceId: device.deviceId, kemKey }));
      const verdict = verifyMessage(opened, { signer, pinnedRoot, ownSlug: slug, hasSeen: () => false });
      if (verdict.kind !== 'verified') throw new Error(`not verified: ${verdict.kind}`);
      return verdict.message;
    },
    canonicalize: () => canonicalize(DOCUMENT),
    ...requestWork(signer, subkey),
  };
}

function hpkeWork(kemKey: KemSecretKey): Pick<Work, 'hpkeSeal' | 'hpkeOpen'> {
  const info = createHpkeInfo(encodeUtf8('puffo/msg-hpke/v1'));
  const aad = new Uint8Array(117);
  const plaintext = random.bytes(32);
  const recipient = kemKey.kemPublicKey;
  const sealed = hpkeSeal(recipient, { info, aad, plaintext, ephemeralSecret: random.bytes(32) });
  return {
    hpkeSeal: () => hpkeSeal(recipient, { info, aad, plaintext, ephemeralSecret: random.bytes(32) }),
    hpkeOpen: () => hpkeOpen(kemKey, { info, aad, ...sealed }),
  };
}

function requestWork(
  signer: VerifiedSubkey,
  signingKey: ReturnType<typeof generateSigningKey>,
): Pick<Work, 'signRequest' | 'verifyRequest'> {
  const { device, subkeyId, key, expiresAt } = signer;
  const { slug } = device.identity;
  const request = { method: 'POST', target: '/messages', body: encodeUtf8(canonicalize(DOCUMENT)) };
  const sign = () => signRequest(request, { slug, signerId: subkeyId, signingKey, timestamp: NOW, random });
  const headers = sign();
  const known: KnownSigner = {
    kind: 'subkey',
    slug,
    deviceId: device.deviceId,
    key,
    expiresAt,
    deviceExpiresAt: null,
    deviceRevokedFrom: null,
    isIdentityActive: true,
  };
  return {
    signRequest: sign,
    async verifyRequest() {
      const verdict = await verifyRequest(
        { ...request, headers },
        {
          now: NOW,
          authClass: 'subkey',
          findSigner: () => Promise.resolve(known),
          claimNonce: () => Promise.resolve(true),
        },
      );
      if (verdict.kind === 'refused') throw new Error(verdict.message);
    },
  };
}

/** A pool with the caller's thread alone, and one with the further threads that the machine offers. */
export const createSingleThreadPool = (): WrapPool => createWrapPool({ threads: 0 });

function valueOf<Value>(verdict: Verdict<Value>): Value {
  if (verdict.kind === 'refused') throw new Error(verdict.message);
  return verdict.value;
}
