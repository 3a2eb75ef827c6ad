// Everything that waits for a device, as JSON text in pieces: the list may be larger than memory should hold.
// spec: wire-protocol 9.23
import { Readable } from 'node:stream';
import type { DeviceId, Slug } from '@puffo/protocol';
import type { Kysely } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { deliveryText } from './delivery-text.ts';

const MAX_PAGE_ROWS = 500;
/** The first page tells how large messages are. */
const FIRST_PAGE_ROWS = 32;
const PAGE_CHARACTERS = 2_000_000;

export interface PendingFilter {
  readonly kind?: 'channel' | 'dm' | undefined;
  readonly sender?: Slug | undefined;
}

export interface PendingQuestion {
  readonly deviceId: DeviceId;
  readonly filter: PendingFilter;
}

/** `{"messages": […]}`, complete and ascending; what is sent meanwhile is left to the next time and to hints. */
export function streamPending(db: Kysely<ServerSchema>, question: PendingQuestion): Readable {
  return Readable.from(pendingPieces(db, question), { objectMode: false, encoding: 'utf8' });
}

async function* pendingPieces(db: Kysely<ServerSchema>, question: PendingQuestion): AsyncGenerator<string> {
  const until = await lastSeq(db);
  yield '{"messages":[';
  let after = 0;
  let limit = FIRST_PAGE_ROWS;
  for (;;) {
    const page = await listPage(db, { ...question, after, until, limit });
    const text = page.map(itemText).join(',');
    if (text !== '') yield after === 0 ? text : `,${text}`;
    if (page.length < limit) break;
    after = page.at(-1)?.seq ?? until;
    limit = pageRows({ rows: page.length, characters: text.length });
  }
  yield ']}';
}

/** So many that a page of messages like those of the last one stays small. */
export function pageRows({ rows, characters }: { readonly rows: number; readonly characters: number }): number {
  const wanted = Math.floor((PAGE_CHARACTERS * rows) / Math.max(characters, 1));
  return Math.min(Math.max(wanted, 1), MAX_PAGE_ROWS);
}

interface PendingRow {
  readonly seq: number;
  readonly envelope: string;
  readonly entry: string | null;
}

function itemText({ seq, envelope, entry }: PendingRow): string {
  return `{"seq":${seq},"envelope":${deliveryText({ envelope }, entry ?? '')}}`;
}

/** Numbers become visible in their order, so up to this one the list is complete. */
async function lastSeq(db: Kysely<ServerSchema>): Promise<number> {
  const counter = await db.selectFrom('counters').where('name', '=', 'messages').select('value').executeTakeFirst();
  return counter?.value ?? 0;
}

interface PageQuestion extends PendingQuestion {
  readonly after: number;
  readonly until: number;
  readonly limit: number;
}

function listPage(db: Kysely<ServerSchema>, question: PageQuestion): Promise<readonly PendingRow[]> {
  const { deviceId, filter, after, until, limit } = question;
  const { kind, sender } = filter;
  return db
    .selectFrom('deliveries')
    .innerJoin('messages', 'messages.envelope_id', 'deliveries.envelope_id')
    .where('deliveries.device_id', '=', deviceId)
    .where('deliveries.acked_at', 'is', null)
    .where('deliveries.seq', '>', after)
    .where('deliveries.seq', '<=', until)
    .$if(kind !== undefined, (query) => query.where('messages.kind', '=', kind ?? 'dm'))
    .$if(sender !== undefined, (query) => query.where('messages.sender_slug', '=', sender ?? ''))
    .select(['deliveries.seq', 'messages.envelope', 'deliveries.entry'])
    .orderBy('deliveries.seq')
    .limit(limit)
    .execute();
}
