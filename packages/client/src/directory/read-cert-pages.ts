// The certificate log page by page. Every page has to lead on, and there is an end to them. spec: wire-protocol 9.10,
// appendix B 17
import type { CertEntry, Slug } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { HttpClient } from '../http/http-client.ts';

/** A hundred thousand entries of a server that gives as many as it may: what it reads is kept, the next call goes on. */
const MAX_PAGES = 200;
/** Each page may take its time, all of them together may not. */
const MAX_READING_MS = 5 * 60_000;

export interface CertPage {
  readonly entries: readonly CertEntry[];
  /** Everything of these slugs up to this number has been read. */
  readonly through: number;
}

export interface CertsToRead {
  /** At most `LIMITS.slugsPerRequest`. */
  readonly slugs: readonly Slug[];
  readonly since: number;
}

/** Fails with `no-progress` after the page that does not lead on. */
export async function* readCertPages(
  { http, context: { clock, log } }: { readonly http: HttpClient; readonly context: ClientContext },
  { slugs, since }: CertsToRead,
): AsyncGenerator<CertPage, void, undefined> {
  const startedAt = clock();
  let last = since;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { entries, has_more: hasMore } = await http.call('syncCerts', { query: { slugs, since: last } });
    const { items, unreadable } = entries;
    if (unreadable > 0) log.warn('directory.unreadable-entries', { count: unreadable, since: last });
    const through = items.reduce((highest, { seq }) => Math.max(highest, seq), last);
    yield { entries: items, through };
    if (!hasMore) return;
    if (through <= last)
      throw noProgress(`the server says that there is more after entry ${last}, and does not give it`);
    if (clock() - startedAt > MAX_READING_MS) throw noProgress(`the server still has more after ${MAX_READING_MS} ms`);
    last = through;
  }
  throw noProgress(`the server still has more after ${MAX_PAGES} pages`);
}

function noProgress(problem: string): ClientError {
  return new ClientError(`Cannot read certificates: ${problem}`, { code: 'no-progress', retryable: true });
}
