// Who writes, who reads, and what is written: certificates as a server lists them, and frames as they come from a socket.
import { encodeUtf8, type JsonObject, systemClock, systemRandom } from '@puffo/base';
import {
  type CertEntry,
  type CertKind,
  createChannelId,
  createEnvelopeId,
  createSpaceId,
  createWrapPool,
  generateIdentity,
  generateSigningKey,
  type IdentityKeys,
  issueSlugBinding,
  issueSubkeyCert,
  parseSlug,
  type Route,
  sealEnvelope,
  type SigningKey,
  type Slug,
  type SubkeyId,
  subkeyIdOf,
  verifyKeyBytes,
} from '@puffo/protocol';

const TEXT = 'A message of ordinary length, as people and bots write them. '.repeat(8);
const ROUTE: Route = {
  kind: 'channel',
  spaceId: createSpaceId(systemRandom),
  channelId: createChannelId(systemRandom),
};

export interface Member {
  readonly slug: Slug;
  readonly keys: IdentityKeys;
  readonly subkey: SigningKey;
  readonly subkeyId: SubkeyId;
  readonly certs: readonly CertEntry[];
}

export function createMember(name: string): Member {
  const slug = parseSlug(name);
  const issuedAt = systemClock();
  const identity = generateIdentity({ operatorKey: null, issuedAt, random: systemRandom });
  const { rootKey, deviceId, deviceKey, kemKey, identityCert, deviceCert } = identity;
  const subkey = generateSigningKey(systemRandom);
  const certs: readonly (readonly [CertKind, JsonObject])[] = [
    ['identity_cert', identityCert],
    ['slug_binding', issueSlugBinding(rootKey, { slug, issuedAt })],
    ['device_cert', deviceCert],
    ['subkey_cert', issueSubkeyCert(deviceKey, { subkey: subkey.verifyKey, issuedAt })],
  ];
  const texts = { slugBindingJson: null, identityCertJson: null, identityProfileJson: null };
  return {
    slug,
    keys: { slug, deviceId, rootKey, deviceKey, kemKey, serverUrl: 'http://bench.invalid', ...texts },
    subkey,
    subkeyId: subkeyIdOf(verifyKeyBytes(subkey.verifyKey)),
    certs: certs.map(([kind, cert], index) => ({ seq: index + 1, kind, slug, cert })),
  };
}

export interface FrameSource extends AsyncDisposable {
  /** New messages, each with the next number. */
  create(count: number): Promise<readonly Uint8Array[]>;
}

/** As the server sends them: with the entry of the reader's device only. */
export function createFrameSource(writer: Member, reader: Member): FrameSource {
  const wrapPool = createWrapPool({ threads: 0 });
  let seq = 0;

  async function createOne(): Promise<Uint8Array> {
    const { envelope } = await sealEnvelope(
      {
        envelopeId: createEnvelopeId(systemRandom),
        signer: { slug: writer.slug, subkeyId: writer.subkeyId, signingKey: writer.subkey },
        route: ROUTE,
        sentAt: systemClock(),
        contentType: 'text/plain',
        content: TEXT,
        recipients: [{ deviceId: reader.keys.deviceId, kemKey: reader.keys.kemKey.kemPublicKey }],
      },
      { random: systemRandom, wrapPool },
    );
    return encodeUtf8(JSON.stringify({ type: 'message', seq: ++seq, envelope: envelope.object }));
  }

  return {
    async create(count) {
      const frames: Uint8Array[] = [];
      while (frames.length < count) frames.push(await createOne());
      return frames;
    },
    [Symbol.asyncDispose]: () => wrapPool[Symbol.asyncDispose](),
  };
}

/** About what is encrypted in a frame. */
export const PLAINTEXT = encodeUtf8(
  JSON.stringify({ payload: { content: TEXT, routing: 'x'.repeat(420) }, signature: 'x'.repeat(86) }),
);
