// spec: wire-protocol 9.10
import { Readable } from 'node:stream';
import { LIMITS } from '@puffo/protocol';
import { type CertPage, listCerts } from '../../accounts/list-certs.ts';
import { ServerError } from '../../errors.ts';
import { defineRoute, JsonStream } from '../define-route.ts';

const DAY_MS = 24 * 60 * 60_000;
const SEQ = /^[0-9]{1,15}$/;

export const syncCerts = defineRoute('syncCerts', async ({ context, query }) => {
  const filter = {
    slugs: query.slugs ?? [],
    subjectIds: [...(query.subkey_ids ?? []), ...(query.device_ids ?? [])],
    staleBefore: context.now() - context.settings.retention.messages * DAY_MS,
  };
  const since = Math.max(query.since ?? 0, readCursor(query.cursor));
  const limit = query.limit ?? LIMITS.pageEntries;
  const page = await listCerts(context.database.db, { filter, since, limit });
  return new JsonStream(Readable.from([encodePage(page)]));
});

/** A cursor is the number of the last entry, as `since`. */
function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (SEQ.test(cursor)) return Number(cursor);
  throw new ServerError('INVALID_PAYLOAD', 'Cannot read certificates: the cursor is not one of this server', {
    field: 'cursor',
  });
}

/** The certificates as they are stored: neither parsed nor written anew. */
function encodePage({ entries, hasMore }: CertPage): string {
  const items = entries.map(
    ({ seq, kind, slug, cert }) => `{"seq":${seq},"kind":"${kind}","slug":"${slug}","cert":${cert}}`,
  );
  const next = hasMore ? `,"next_cursor":"${entries.at(-1)?.seq}"` : '';
  return `{"entries":[${items.join(',')}],"has_more":${hasMore}${next}}`;
}
