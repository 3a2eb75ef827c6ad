// Rungs 3 and 4a of the golden path. spec: wire-protocol 6.7 steps 1 to 11
import { isJsonObject, type JsonObject } from '@puffo/base';
import {
  decodeEnvelope,
  isSlug,
  openEnvelope,
  ProtocolError,
  type ProtocolErrorCode,
  type ReadingDevice,
  type Slug,
  type UnverifiedMessage,
} from '@puffo/protocol';

export type Opened =
  | { readonly kind: 'opened'; readonly unverified: UnverifiedMessage }
  | { readonly kind: 'unreadable'; readonly reason: ProtocolErrorCode };

export function openDelivery(envelope: JsonObject, device: ReadingDevice): Opened {
  try {
    const verdict = openEnvelope(decodeEnvelope(envelope), device);
    return verdict.kind === 'refused'
      ? { kind: 'unreadable', reason: verdict.reason }
      : { kind: 'opened', unverified: verdict.value };
  } catch (error) {
    if (error instanceof ProtocolError) return { kind: 'unreadable', reason: error.code };
    throw error;
  }
}

/** Claimed by the routing members, or by those of a message that is not encrypted. spec: wire-protocol 14.4 */
export function findClaimedSender(envelope: JsonObject): Slug | undefined {
  const { sender_slug: outer, signed_payload: signed } = envelope;
  if (isSlug(outer)) return outer;
  const payload = isJsonObject(signed) ? signed['payload'] : undefined;
  const inner = isJsonObject(payload) ? payload['sender_slug'] : undefined;
  return isSlug(inner) ? inner : undefined;
}
