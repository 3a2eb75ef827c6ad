// From an envelope to what is stored of it. spec: wire-protocol 6.6, appendix C
import { createHash } from 'node:crypto';
import { isJsonArray, type JsonValue } from '@puffo/base';
import type { Envelope } from '@puffo/protocol';
import type { ServerSchema } from '../db/schema.ts';

export type MessageRow = ServerSchema['messages'];

/** All but the number, which only the transaction knows. */
export function toMessageRow(envelope: Envelope, receivedAt: number): Omit<MessageRow, 'seq'> {
  const { envelopeId, senderSlug, sentAt, route } = envelope;
  return {
    envelope_id: envelopeId,
    sender_slug: senderSlug,
    kind: route.kind,
    space_id: route.kind === 'channel' ? route.spaceId : null,
    channel_id: route.kind === 'channel' ? route.channelId : null,
    recipient_slug: route.kind === 'dm' ? route.recipientSlug : null,
    sent_at: sentAt,
    received_at: receivedAt,
    envelope: envelopeText(envelope),
    content_hash: contentHash(envelope),
  };
}

/** JSON text of each recipient's entry, in the order of `envelope.recipients`, with members that we do not know. */
export function entryTexts({ object }: Envelope): readonly string[] {
  const entries: JsonValue = object['recipients'] ?? [];
  if (!isJsonArray(entries)) return [];
  // All at once is twice as fast. Where the text falls into as many pieces as there are entries, it was cut between them.
  const pieces = JSON.stringify(entries).slice(2, -2).split('},{');
  if (pieces.length !== entries.length) return entries.map((entry) => JSON.stringify(entry));
  return pieces.map((piece) => `{${piece}}`);
}

/** Whether both are the same message, posted twice. Entries of recipients may differ. spec: wire-protocol 9.22 */
export function isSameMessage(left: SameMembers, right: SameMembers): boolean {
  return SAME.every((name) => left[name] === right[name]);
}

const SAME = [
  'sender_slug',
  'kind',
  'space_id',
  'channel_id',
  'recipient_slug',
  'sent_at',
  'content_hash',
] as const satisfies readonly (keyof MessageRow)[];

type SameMembers = Pick<MessageRow, (typeof SAME)[number]>;

/** Inactive routes as explicit nulls, `recipients` empty and last: see `deliveryText`. */
function envelopeText({ object }: Envelope): string {
  const { recipients: _, ...members } = object;
  const { space_id = null, channel_id = null, recipient_slug = null } = members;
  return JSON.stringify({ ...members, space_id, channel_id, recipient_slug, recipients: [] });
}

function contentHash({ contentNonce, contentCiphertext }: Envelope): string {
  return createHash('sha256').update(contentNonce).update(contentCiphertext).digest('base64url');
}
