// The log of a space: what was signed, word for word, in the order of commits. spec: wire-protocol 8.5, 8.7
import { encodeBase64url, type JsonObject, type Random } from '@puffo/base';
import {
  type ChannelId,
  createEventId,
  type EventId,
  eventTimeOf,
  isChannelId,
  type SignedEvent,
  type SpaceId,
} from '@puffo/protocol';
import { nextSeq } from '../db/next-seq.ts';
import type { Reader, Writer } from '../spaces/space-store.ts';
import type { EventToEmit } from './effect.ts';
import { readStoredObject } from './stored-json.ts';

const PAYLOAD_NONCE_BYTES = 32;

/** The event of this id, as it was signed. */
export async function findEventObject(db: Reader, eventId: string): Promise<JsonObject | undefined> {
  const row = await db.selectFrom('events').where('event_id', '=', eventId).select('object').executeTakeFirst();
  return row === undefined ? undefined : readStoredObject(row.object);
}

export async function isNonceUsed(
  db: Reader,
  { signerSlug, nonce }: { readonly signerSlug: string; readonly nonce: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('events')
    .where('signer_slug', '=', signerSlug)
    .where('payload_nonce', '=', nonce)
    .select('event_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Every payload that was parsed has one. */
export function nonceOf({ nonce }: JsonObject): string {
  return typeof nonce === 'string' ? nonce : '';
}

export interface EventToAppend {
  readonly spaceId: SpaceId;
  readonly event: Omit<SignedEvent, 'signerDeviceId' | 'signerSubkeyId' | 'signerSlug' | 'eventId'> & {
    readonly eventId: string;
    readonly signerSlug: string;
    readonly signerDeviceId: string;
    readonly signerSubkeyId: string;
  };
  readonly at: number;
}

export async function appendEvent(transaction: Writer, { spaceId, event, at }: EventToAppend): Promise<void> {
  const { kind, payload } = event;
  const { channel_id: channelId } = payload;
  await transaction
    .insertInto('events')
    .values({
      event_id: event.eventId,
      space_id: spaceId,
      channel_id: isChannelId(channelId) ? channelId : null,
      seq: await nextSeq(transaction, 'events'),
      kind,
      signer_slug: event.signerSlug,
      signer_device_id: event.signerDeviceId,
      signer_subkey_id: event.signerSubkeyId,
      payload: JSON.stringify(payload),
      payload_nonce: nonceOf(payload),
      signature: event.signature,
      payload_issued_at: eventTimeOf(kind, payload) ?? null,
      received_at: at,
      object: JSON.stringify(event.object),
    })
    .execute();
}

/** Appends an event that nobody signed, and returns it. */
export async function emitEvent(
  transaction: Writer,
  { spaceId, event, at, random }: { spaceId: SpaceId; event: EventToEmit; at: number; random: Random },
): Promise<JsonObject> {
  const { kind, signerSlug, marker } = event;
  const eventId = createEventId(random);
  const nonce = encodeBase64url(random.bytes(PAYLOAD_NONCE_BYTES));
  const payload = { space_id: spaceId, ...event.payload, nonce };
  const object = {
    type: 'signed_event',
    version: 1,
    event_id: eventId,
    kind,
    payload,
    signer_slug: signerSlug,
    signer_device_id: '',
    signer_subkey_id: '',
    signature: marker,
  };
  const unsigned = {
    eventId,
    kind,
    payload,
    signerSlug,
    signerDeviceId: '',
    signerSubkeyId: '',
    signature: marker,
    object,
  };
  await appendEvent(transaction, { spaceId, event: unsigned, at });
  return object;
}

export interface LogPage {
  readonly spaceId: SpaceId;
  readonly after: number;
  readonly limit: number;
  readonly channelId: ChannelId | undefined;
}

/** Up to `limit` entries with a position above `after`, ascending. */
export async function listLogEntries(db: Reader, { spaceId, after, limit, channelId }: LogPage) {
  const all = db.selectFrom('events').where('space_id', '=', spaceId).where('seq', '>', after);
  const wanted = channelId === undefined ? all : all.where('channel_id', '=', channelId);
  const rows = await wanted
    .orderBy('seq')
    .limit(limit)
    .select([
      'seq',
      'event_id',
      'kind',
      'signer_slug',
      'signer_device_id',
      'signer_subkey_id',
      'payload',
      'signature',
      'payload_issued_at',
    ])
    .execute();
  return rows.map((row) => ({ ...row, event_id: row.event_id as EventId, payload: readStoredObject(row.payload) }));
}
