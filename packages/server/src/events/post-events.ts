// A batch of signed events about one space: checked, decided, appended and applied in one transaction, all or nothing.
// spec: wire-protocol 8.2, 8.4, 9.17
import type { JsonObject } from '@puffo/base';
import {
  canonicalize,
  decodeSignedEvent,
  eventTimeOf,
  LIMITS,
  parseEventPayload,
  type SignedEvent,
  type SpaceId,
  verifySignedEvent,
} from '@puffo/protocol';
import type { Caller } from '../auth/caller.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { collectSpaceChange, type SpaceChange } from '../spaces/space-change.ts';
import { findRole, findSpace, lockSpaces, type Writer } from '../spaces/space-store.ts';
import { applyEffects } from './apply-effects.ts';
import { decideEvent, type KnownEvent } from './decide-event.ts';
import type { Effect } from './effect.ts';
import { appendEvent, findEventObject, isNonceUsed, nonceOf } from './event-store.ts';
import { findVerifiedSigner } from './find-verified-signer.ts';

const EVENT_MEMBERS = new Set([
  'type',
  'version',
  'event_id',
  'kind',
  'payload',
  'signer_slug',
  'signer_device_id',
  'signer_subkey_id',
  'signature',
]);

export interface Batch {
  readonly caller: Caller;
  readonly spaceId: SpaceId;
  readonly events: readonly JsonObject[];
}

export interface PostedBatch {
  /** Events that were new. */
  readonly applied: number;
  /** What the server added. */
  readonly emitted: readonly JsonObject[];
  /** To be announced; the batch is committed. */
  readonly change: SpaceChange;
}

interface ReadEvent {
  readonly event: SignedEvent;
  readonly parsed: KnownEvent;
}

export async function postEvents(context: ServerContext, { caller, spaceId, events }: Batch): Promise<PostedBatch> {
  const at = context.now();
  const batch = events.map((object) => readEvent(object, { caller, spaceId }));
  await verifyNewEvents(context, { caller, batch, at });
  return context.database.write((transaction) => applyBatch(transaction, { context, caller, spaceId, batch, at }));
}

/** What needs no look at the database. */
function readEvent(object: JsonObject, { caller, spaceId }: { caller: Caller; spaceId: SpaceId }): ReadEvent {
  const event = decodeSignedEvent(object);
  const { kind } = event;
  // A log entry has no place for more, so nobody could verify it there. spec: wire-protocol 8.5
  const unknown = Object.keys(object).filter((name) => !EVENT_MEMBERS.has(name));
  if (unknown.length > 0) throw refuse(kind, { because: 'it has a member that is not part of an event' });
  const parsed = parseEventPayload(kind, event.payload);
  if (parsed.kind === 'unknown') throw new ServerError('INVALID_PAYLOAD', 'Cannot accept event: its kind is not known');
  if (parsed.payload.space_id !== spaceId) throw refuse(kind, { because: 'it is about another space than the batch' });
  if (
    event.signerSlug !== caller.slug ||
    event.signerDeviceId !== caller.deviceId ||
    event.signerSubkeyId !== caller.signerId
  ) {
    throw refuse(kind, { code: 'FORBIDDEN', because: 'it is not signed by the key that signed the request' });
  }
  return { event, parsed };
}

/** A repetition may come late; its content decides, in the transaction. */
async function verifyNewEvents(
  { database: { db } }: ServerContext,
  { caller, batch, at }: { caller: Caller; batch: readonly ReadEvent[]; at: number },
): Promise<void> {
  const signer = await findVerifiedSigner(db, caller);
  for (const { event } of batch) {
    const { eventId, kind, payload } = event;
    if ((await findEventObject(db, eventId)) !== undefined) continue;
    if (kind === 'add_to_channel') throw refuse(kind, { code: 'FORBIDDEN', because: 'only the server adds it' });
    const time = eventTimeOf(kind, payload);
    if (time === undefined || Math.abs(time - at) > LIMITS.clockWindowMs) {
      throw refuse(kind, { because: `its time is too far from the server's clock, which says ${at}` });
    }
    const verdict = verifySignedEvent(event, signer);
    if (verdict.kind === 'refused') throw new ServerError('INVALID_PAYLOAD', verdict.message);
  }
}

interface BatchToApply extends Omit<Batch, 'events'> {
  readonly context: ServerContext;
  readonly batch: readonly ReadEvent[];
  readonly at: number;
}

async function applyBatch(transaction: Writer, toApply: BatchToApply): Promise<PostedBatch> {
  const { spaceId, batch } = toApply;
  await lockSpaces(transaction);
  const events: JsonObject[] = [];
  const emitted: JsonObject[] = [];
  const effects: Effect[] = [];
  let applied = 0;
  for (const read of batch) {
    const done = await applyEvent(transaction, read, toApply);
    if (done === undefined) continue;
    applied++;
    events.push(read.event.object, ...done.emitted);
    emitted.push(...done.emitted);
    effects.push(...done.effects);
  }
  return { applied, emitted, change: await collectSpaceChange(transaction, { spaceId, events, effects }) };
}

/** `undefined`: it was done before. */
async function applyEvent(
  transaction: Writer,
  { event, parsed }: ReadEvent,
  { context, caller, spaceId, at }: BatchToApply,
): Promise<{ readonly effects: readonly Effect[]; readonly emitted: readonly JsonObject[] } | undefined> {
  const { settings, random } = context;
  const { kind, eventId } = event;
  if (await isRepetition(transaction, event)) return undefined;
  if (kind !== 'create_space' && (await findSpace(transaction, spaceId)) === undefined) {
    throw refuse(kind, { code: 'NOT_FOUND', because: 'there is no such space' });
  }
  const { slug, identityType, rootPublicKey } = caller;
  const actor = { slug, identityType, role: await findRole(transaction, { spaceId, slug }) };
  const decision = await decideEvent(parsed, { transaction, event, actor, rootPublicKey, settings, at, random });
  if (decision.kind === 'repeated') return undefined;
  if (decision.kind === 'refused') throw refuse(kind, decision);
  await appendEvent(transaction, { spaceId, event, at });
  const emitted = await applyEffects(transaction, decision.effects, { spaceId, eventId, at, random });
  return { effects: decision.effects, emitted };
}

/** The same id with other content is refused, and so is a nonce that its signer used in another event. */
async function isRepetition(transaction: Writer, { kind, eventId, object, payload, signerSlug }: SignedEvent) {
  const known = await findEventObject(transaction, eventId);
  if (known !== undefined) {
    if (canonicalize(known) === canonicalize(object)) return true;
    throw refuse(kind, { code: 'CONFLICT', because: 'another event has this id' });
  }
  if (await isNonceUsed(transaction, { signerSlug, nonce: nonceOf(payload) })) {
    throw refuse(kind, { code: 'CONFLICT', because: 'you used this nonce in another event' });
  }
  return false;
}

interface Problem {
  readonly code?: ServerError['code'];
  readonly because: string;
}

function refuse(kind: string, { code = 'INVALID_PAYLOAD', because }: Problem): ServerError {
  return new ServerError(code, `Cannot accept event ${kind.slice(0, 64)}: ${because}`);
}
