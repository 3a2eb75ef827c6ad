// What one socket has been sent and may be sent next: in the order of `seq`, at most ten unacknowledged, nothing twice.
// Logic only; who calls it reads the table and writes the frames. spec: wire-protocol 10.1, 10.2, 10.6
import type { EnvelopeId } from '@puffo/protocol';

/** 0.7.2 stops reading its socket, pongs included, when 16 frames wait. spec: wire-protocol 10.2 */
export const WINDOW_MESSAGES = 10;

/**
 * `joining`: not yet connected, hints are remembered. `waiting`: older messages are pending, and the client is expected to
 * fetch them over HTTP. `behind`: the table may hold more. `reading`: it is being read. `caught-up`: new messages may be
 * sent from memory.
 */
type Phase = 'joining' | 'waiting' | 'behind' | 'reading' | 'caught-up';

/** Changed by the functions of this file only. */
export interface DeliveryWindow {
  phase: Phase;
  /** The highest that the client was given, by this socket or over HTTP. Never falls. */
  cursor: number;
  /** The lowest message that was announced and not sent; `Infinity`: none. May lie below `cursor`. */
  missedFrom: number;
  /** Sent and not acknowledged. */
  unacked: readonly Posted[];
  /**
   * The table was read to its end, or found empty, after the session was registered: only then is every later message
   * announced to it. Fetching over HTTP does not count, it may have begun before.
   */
  hasCaughtUp: boolean;
}

/** A message under the number of its posting. */
export interface Posted {
  readonly envelopeId: EnvelopeId;
  readonly seq: number;
}

export interface Announced extends Posted {
  /** Nothing before it is unknown to this node, and the socket takes data. */
  readonly canSend: boolean;
}

/** What to read from the table. */
export interface ReadRequest {
  readonly after: number;
  readonly except: readonly EnvelopeId[];
  readonly limit: number;
}

export function createDeliveryWindow(): DeliveryWindow {
  return { phase: 'joining', cursor: 0, missedFrom: Infinity, unacked: [], hasCaughtUp: false };
}

/** The table was looked at after the session was registered. */
export function endJoining(window: DeliveryWindow, { hasPending }: { readonly hasPending: boolean }): void {
  window.hasCaughtUp = !hasPending;
  if (hasPending) window.phase = 'waiting';
  else window.phase = window.missedFrom === Infinity ? 'caught-up' : 'behind';
}

/** The client has not fetched: it gets everything here. */
export function endWaiting(window: DeliveryWindow): void {
  if (window.phase === 'waiting') window.phase = 'behind';
}

/** The client was given everything up to `throughSeq` over HTTP. */
export function skipFetched(window: DeliveryWindow, throughSeq: number): void {
  if (window.phase !== 'waiting' && window.phase !== 'behind') return;
  window.phase = 'behind';
  window.cursor = Math.max(window.cursor, throughSeq);
  if (window.missedFrom <= throughSeq) window.missedFrom = Infinity;
}

/** A message for this device was committed. `true`: send it now; else the table is read when there is room. */
export function offer(window: DeliveryWindow, { envelopeId, seq, canSend }: Announced): boolean {
  if (window.unacked.some((sent) => sent.envelopeId === envelopeId)) return false;
  const isFree = window.phase === 'caught-up' && seq > window.cursor && hasRoom(window);
  if (isFree && canSend) {
    window.cursor = seq;
    window.unacked = [...window.unacked, { envelopeId, seq }];
    return true;
  }
  window.missedFrom = Math.min(window.missedFrom, seq);
  if (window.phase === 'caught-up') window.phase = 'behind';
  return false;
}

/** Announcements may have been lost. */
export function suspect(window: DeliveryWindow): void {
  window.hasCaughtUp = false;
  window.missedFrom = Math.min(window.missedFrom, window.cursor + 1);
  if (window.phase === 'caught-up') window.phase = 'behind';
}

/** `undefined`: nothing to read, or no room. Else `endRead` or `failRead` follows. */
export function beginRead(window: DeliveryWindow): ReadRequest | undefined {
  if (!isReadable(window)) return undefined;
  const after = Math.min(window.cursor, window.missedFrom - 1);
  window.phase = 'reading';
  window.missedFrom = Infinity;
  return {
    after,
    except: window.unacked.map(({ envelopeId }) => envelopeId),
    limit: WINDOW_MESSAGES - window.unacked.length,
  };
}

/** The messages that the request found, all of which are sent now. */
export function endRead(window: DeliveryWindow, { rows, limit }: { rows: readonly Posted[]; limit: number }): void {
  const isFull = rows.length >= limit;
  const last = rows.at(-1)?.seq ?? 0;
  window.unacked = [...window.unacked, ...rows.map(({ envelopeId, seq }) => ({ envelopeId, seq }))];
  if (isFull && last < window.cursor) window.missedFrom = Math.min(window.missedFrom, last + 1);
  window.cursor = Math.max(window.cursor, last);
  window.phase = isFull || window.missedFrom !== Infinity ? 'behind' : 'caught-up';
  window.hasCaughtUp ||= !isFull;
}

/** Reading did not work: the same again later. */
export function failRead(window: DeliveryWindow, { after }: Pick<ReadRequest, 'after'>): void {
  window.missedFrom = Math.min(window.missedFrom, after + 1);
  window.phase = 'behind';
}

/** Number under which the message was sent; `undefined`: it was not, or is acknowledged. */
export function findSent(window: DeliveryWindow, envelopeId: EnvelopeId): number | undefined {
  return window.unacked.find((sent) => sent.envelopeId === envelopeId)?.seq;
}

/** Call when the acknowledgement is in the table, so that no read brings the message back. */
export function acknowledge(window: DeliveryWindow, envelopeIds: ReadonlySet<EnvelopeId>): void {
  if (window.unacked.length === 0) return;
  window.unacked = window.unacked.filter(({ envelopeId }) => !envelopeIds.has(envelopeId));
}

export function isReadable(window: DeliveryWindow): boolean {
  return window.phase === 'behind' && hasRoom(window);
}

export function hasRoom(window: DeliveryWindow): boolean {
  return window.unacked.length < WINDOW_MESSAGES;
}
