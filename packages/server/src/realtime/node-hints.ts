// What nodes tell each other: ids, and small frames. Each text fits one notification of PostgreSQL.
import { encodeUtf8, type JsonValue, safeParseJson } from '@puffo/base';
import type { DeviceId, EnvelopeId, ServerFrameInput, Slug } from '@puffo/protocol';
import { NOTIFICATION_BYTES } from '@puffo/sql';
import * as z from 'zod';

/** A frame above this is named, and the other node reads it; the rest is for slugs. */
const FRAME_BYTES = 4000;
/** Kind, node, and ids beside the list. */
const HEAD_BYTES = 600;
const MAX_DEPTH = 40;

const number = z.number().int().nonnegative();
const texts = z.array(z.string());

const HINT = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('message'), envelopeId: z.string(), seq: number, deviceIds: texts }),
  z.object({ kind: z.literal('frame'), slugs: texts, frame: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal('event'), slugs: texts, scope: z.string(), eventId: z.string() }),
  z.object({ kind: z.literal('cert'), slugs: texts, seq: number }),
  z.object({ kind: z.literal('fetched'), deviceId: z.string(), throughSeq: number }),
  z.object({ kind: z.literal('acknowledged'), deviceId: z.string() }),
  z.object({ kind: z.literal('disconnect-device'), deviceId: z.string() }),
  z.object({ kind: z.literal('disconnect-slug'), slug: z.string() }),
  // Hints were lost.
  z.object({ kind: z.literal('lost') }),
]);

const NOTE = z.object({ node: z.string(), hint: z.unknown() });

export type NodeHint = z.output<typeof HINT>;

export function encodeHint(node: string, hint: NodeHint): string {
  return JSON.stringify({ node, hint });
}

/** `undefined`: from this node itself, or from a version with other hints. */
export function decodeHint(text: string, { ownNode }: { readonly ownNode: string }): NodeHint | undefined {
  const json = safeParseJson(text, { maxLength: NOTIFICATION_BYTES, maxDepth: MAX_DEPTH, integers: 'any' });
  if (json.kind === 'refused') return undefined;
  const note = NOTE.safeParse(json.value);
  if (!note.success || note.data.node === ownNode) return undefined;
  return HINT.safeParse(note.data.hint).data;
}

export interface MessageHint {
  readonly envelopeId: EnvelopeId;
  readonly seq: number;
  readonly deviceIds: readonly DeviceId[];
}

export function messageHints({ envelopeId, seq, deviceIds }: MessageHint): readonly NodeHint[] {
  const lists = chunk(deviceIds, NOTIFICATION_BYTES - HEAD_BYTES);
  return lists.map((list) => ({ kind: 'message', envelopeId, seq, deviceIds: list }));
}

export function frameHints(slugs: readonly Slug[], frame: ServerFrameInput): readonly NodeHint[] {
  const bytes = byteLength(frame);
  if (bytes <= FRAME_BYTES) {
    // A frame stands in the text as it is.
    const lists = chunk(slugs, NOTIFICATION_BYTES - HEAD_BYTES - bytes);
    return lists.map((list) => ({ kind: 'frame', slugs: list, frame }));
  }
  const lists = chunk(slugs, NOTIFICATION_BYTES - HEAD_BYTES);
  return lists.map((list) => referTo(list, frame));
}

function referTo(slugs: string[], frame: ServerFrameInput): NodeHint {
  switch (frame.type) {
    case 'event': {
      const eventId = frame.event['event_id'];
      return { kind: 'event', slugs, scope: frame.scope, eventId: typeof eventId === 'string' ? eventId : '' };
    }
    case 'cert_update':
      return { kind: 'cert', slugs, seq: frame.entry.seq };
    // The others ask clients to read again; the new names that they carry as well can be left out.
    case 'space_update':
      return { kind: 'frame', slugs, frame: { type: frame.type, space_id: frame.space_id } };
    case 'channel_update': {
      const { type, space_id, channel_id } = frame;
      return { kind: 'frame', slugs, frame: { type, space_id, channel_id } };
    }
    // These are small, or sent otherwise.
    case 'channel_delete':
    case 'space_delete':
    case 'space_membership_changed':
    case 'connected':
    case 'error':
    case 'message':
    case 'ping':
      throw new TypeError(`Cannot send frame to other nodes: a '${frame.type}' of this size is a defect`);
  }
}

/** Lists whose JSON text has at most `maxBytes` each. */
function chunk(items: readonly string[], maxBytes: number): string[][] {
  const lists: string[][] = [];
  let list: string[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = byteLength(item) + 1;
    if (bytes + size > maxBytes && list.length > 0) {
      lists.push(list);
      list = [];
      bytes = 0;
    }
    list.push(item);
    bytes += size;
  }
  if (list.length > 0) lists.push(list);
  return lists;
}

function byteLength(value: unknown): number {
  return encodeUtf8(JSON.stringify(value as JsonValue)).length;
}
