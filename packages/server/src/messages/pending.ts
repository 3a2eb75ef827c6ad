// Everything that waits for a device, as JSON text in pieces: the list may be larger than memory should hold.
// spec: wire-protocol 9.23
import { Readable } from 'node:stream';
import type { DeviceId } from '@puffo/protocol';
import type { Kysely } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { deliveryText } from './delivery-text.ts';
import { type PendingFilter, type PendingRow, readPending } from './pending-store.ts';
import { readLastSeq } from './posting-store.ts';

const MAX_PAGE_ROWS = 500;
/** The first page tells how large messages are. */
const FIRST_PAGE_ROWS = 32;
const PAGE_CHARACTERS = 2_000_000;

export interface PendingQuestion {
  readonly deviceId: DeviceId;
  readonly filter: PendingFilter;
}

/** `{"messages": […]}`, complete and ascending; what is sent meanwhile is left to the next time and to hints. */
export function streamPending(db: Kysely<ServerSchema>, question: PendingQuestion): Readable {
  return Readable.from(pendingPieces(db, question), { objectMode: false, encoding: 'utf8' });
}

async function* pendingPieces(db: Kysely<ServerSchema>, question: PendingQuestion): AsyncGenerator<string> {
  // Numbers become visible in their order, so up to this one the list is complete.
  const until = await readLastSeq(db);
  yield '{"messages":[';
  let after = 0;
  let limit = FIRST_PAGE_ROWS;
  for (;;) {
    const page = await readPending(db, { ...question, after, until, limit });
    const text = page.map(itemText).join(',');
    if (text !== '') yield after === 0 ? text : `,${text}`;
    if (page.length < limit) break;
    after = page.at(-1)?.seq ?? until;
    limit = pageRows({ rows: page.length, characters: page.reduce((sum, row) => sum + row.characters, 0) });
  }
  yield ']}';
}

/** So many that a page of messages like those of the last one stays small. */
export function pageRows({ rows, characters }: { readonly rows: number; readonly characters: number }): number {
  const wanted = Math.floor((PAGE_CHARACTERS * rows) / Math.max(characters, 1));
  return Math.min(Math.max(wanted, 1), MAX_PAGE_ROWS);
}

function itemText(row: PendingRow): string {
  return `{"seq":${row.seq},"envelope":${deliveryText(row, row.entry)}}`;
}
