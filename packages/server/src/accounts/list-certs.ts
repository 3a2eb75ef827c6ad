// Pages of the certificate log. spec: wire-protocol 9.10
import type { DeviceId, Slug, SubkeyId } from '@puffo/protocol';
import type { Kysely } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';

export interface CertFilter {
  readonly slugs: readonly Slug[];
  /** Certificates about these devices and subkeys, whatever their age. */
  readonly subjectIds: readonly (DeviceId | SubkeyId)[];
  /** Subkeys that expired before are left out of what slugs select: there is no message left that they signed. */
  readonly staleBefore: number;
}

export interface CertRow {
  readonly seq: number;
  readonly kind: string;
  readonly slug: string;
  /** JSON text. */
  readonly cert: string;
}

export interface CertPage {
  readonly entries: readonly CertRow[];
  /** Never with an empty page: 0.7.2 would ask for ever. */
  readonly hasMore: boolean;
}

export async function listCerts(
  db: Kysely<ServerSchema>,
  { filter, since, limit }: { readonly filter: CertFilter; readonly since: number; readonly limit: number },
): Promise<CertPage> {
  const { slugs, subjectIds, staleBefore } = filter;
  if (slugs.length === 0 && subjectIds.length === 0) return { entries: [], hasMore: false };
  const rows = await db
    .selectFrom('cert_log')
    .where('seq', '>', since)
    .where((is) => {
      const isAbout = subjectIds.length === 0 ? [] : [is('subject_id', 'in', subjectIds)];
      if (slugs.length === 0) return is.or(isAbout);
      const isCurrent = is.or([is('expires_at', 'is', null), is('expires_at', '>=', staleBefore)]);
      return is.or([is.and([is('slug', 'in', slugs), isCurrent]), ...isAbout]);
    })
    .select(['seq', 'kind', 'slug', 'cert'])
    .orderBy('seq')
    .limit(limit + 1)
    .execute();
  return { entries: rows.slice(0, limit), hasMore: rows.length > limit };
}
