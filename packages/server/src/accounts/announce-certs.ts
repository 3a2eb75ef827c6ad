// Tells those who know an identity that its certificates changed. spec: wire-protocol 10.5 `cert_update`
import type { Slug } from '@puffo/protocol';
import type { Kysely } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { ServerSchema } from '../db/schema.ts';
import type { LoggedCert } from './cert-log.ts';

/** A hint is worth only so much: who is not told reads the log when they need it. */
const MAX_AUDIENCE = 5000;

/** Call after the commit. */
export async function announceCerts(context: ServerContext, certs: readonly LoggedCert[]): Promise<void> {
  const audiences = new Map<Slug, readonly Slug[]>();
  for (const { slug } of certs) {
    if (!audiences.has(slug)) audiences.set(slug, await findAudience(context.database.db, slug));
  }
  for (const cert of certs) notifyCert(context, cert, audiences.get(cert.slug) ?? []);
}

export function notifyCert({ hub }: ServerContext, logged: LoggedCert, audience: readonly Slug[]): void {
  const { seq, kind, slug, cert } = logged;
  hub.notify(audience, { type: 'cert_update', entry: { seq, kind, slug, cert } });
}

/** The identity itself, and those who share a space or a direct conversation with it. */
export async function findAudience(db: Kysely<ServerSchema>, slug: Slug): Promise<readonly Slug[]> {
  const rows = await db
    .selectFrom('space_members as own')
    .innerJoin('space_members as other', 'other.space_id', 'own.space_id')
    .where('own.slug', '=', slug)
    .select('other.slug as slug')
    .union(
      db
        .selectFrom('messages')
        .where('sender_slug', '=', slug)
        .where('recipient_slug', 'is not', null)
        .select('recipient_slug as slug')
        .$castTo<{ slug: string }>(),
    )
    .union(
      db
        .selectFrom('messages')
        .where('recipient_slug', '=', slug)
        .where('recipient_slug', 'is not', null)
        .select('sender_slug as slug'),
    )
    .limit(MAX_AUDIENCE)
    .execute();
  return Array.from(new Set([slug, ...rows.map((row) => row.slug as Slug)]));
}
