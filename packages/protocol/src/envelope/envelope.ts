// A message envelope as it travels: routing in the clear, content and keys sealed. Well formed, but untrusted.
// spec: wire-protocol 6.6
import { type Brand, encodeBase64url, type JsonObject } from '@puffo/base';
import type { ChannelId, DeviceId, EnvelopeId, Slug, SpaceId } from '../ids.ts';
import { outerAad } from './aad.ts';

/** Where a message goes. A reply goes to the route of its message and nowhere else. */
export type Route =
  | { readonly kind: 'channel'; readonly spaceId: SpaceId; readonly channelId: ChannelId }
  | { readonly kind: 'dm'; readonly recipientSlug: Slug };

export interface RecipientEntry {
  readonly deviceId: DeviceId;
  /** base64url of 32 bytes. */
  readonly hpkeEnc: string;
  /** base64url of 48 bytes. */
  readonly wrappedContentKey: string;
}

/** What the content is bound to. */
export interface EnvelopeHeader {
  readonly envelopeId: EnvelopeId;
  readonly senderSlug: Slug;
  /** ms, by the sender's clock. */
  readonly sentAt: number;
  readonly route: Route;
}

interface EnvelopeFields extends EnvelopeHeader {
  /** 12 bytes. */
  readonly contentNonce: Uint8Array;
  /** At least the 16 bytes of the tag. */
  readonly contentCiphertext: Uint8Array;
  /** At least one; device ids are unique. */
  readonly recipients: readonly RecipientEntry[];
}

/** Made by `decodeEnvelope` and `sealEnvelope` only. */
export type Envelope = Brand<
  EnvelopeFields & {
    /** The object as it travels, unknown members included: what a server stores and passes on. */
    readonly object: JsonObject;
  },
  'Envelope'
>;

/** For `sealEnvelope` alone: the object in the order and with the explicit nulls of 0.7.2. */
export function buildEnvelope(fields: EnvelopeFields): Envelope {
  const object = {
    type: 'message_envelope',
    version: 1,
    envelope_id: fields.envelopeId,
    envelope_kind: fields.route.kind,
    sender_slug: fields.senderSlug,
    sent_at: fields.sentAt,
    ...routeMembers(fields.route),
    content_nonce: encodeBase64url(fields.contentNonce),
    content_ciphertext: encodeBase64url(fields.contentCiphertext),
    recipients: fields.recipients.map((entry) => ({
      device_id: entry.deviceId,
      hpke_enc: entry.hpkeEnc,
      wrapped_content_key: entry.wrappedContentKey,
    })),
  };
  return { ...fields, object } as unknown as Envelope;
}

/** The associated data of the content. */
export function envelopeAad({ envelopeId, senderSlug, sentAt, route }: EnvelopeHeader): Uint8Array {
  return outerAad({ envelopeId, envelopeKind: route.kind, senderSlug, sentAt, ...route });
}

/** The routing members of the wire, inactive ones as explicit nulls. */
export function routeMembers(route: Route): {
  readonly space_id: string | null;
  readonly channel_id: string | null;
  readonly recipient_slug: string | null;
} {
  return route.kind === 'channel'
    ? { space_id: route.spaceId, channel_id: route.channelId, recipient_slug: null }
    : { space_id: null, channel_id: null, recipient_slug: route.recipientSlug };
}

export function isSameRoute(left: Route, right: Route): boolean {
  if (left.kind === 'channel') {
    return right.kind === 'channel' && left.spaceId === right.spaceId && left.channelId === right.channelId;
  }
  return right.kind === 'dm' && left.recipientSlug === right.recipientSlug;
}
