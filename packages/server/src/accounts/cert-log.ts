// The log of certificates: what everybody may read about anybody, in the order of commits. spec: wire-protocol 9.10
import type { JsonObject } from '@puffo/base';
import type { CertKind, Slug } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import { nextSeq } from '../db/next-seq.ts';
import type { ServerSchema } from '../db/schema.ts';
import { encodeStored } from './stored-json.ts';

export interface CertToLog {
  /** Under whose name it is listed. */
  readonly slug: Slug;
  readonly kind: CertKind;
  readonly cert: JsonObject;
  /** The device or subkey it is about. */
  readonly subjectId?: string;
  /** When it stops to matter: subkey certificates only. */
  readonly expiresAt?: number;
}

export interface LoggedCert extends CertToLog {
  readonly seq: number;
}

/** In the order given, with consecutive numbers. */
export async function appendCerts(
  transaction: Transaction<ServerSchema>,
  certs: readonly CertToLog[],
): Promise<readonly LoggedCert[]> {
  const last = await nextSeq(transaction, 'cert_log', certs.length);
  const logged = certs.map((cert, index) => ({ ...cert, seq: last - certs.length + 1 + index }));
  const rows = logged.map(({ seq, slug, kind, cert, subjectId, expiresAt }) => ({
    seq,
    slug,
    kind,
    cert: encodeStored(cert, kind),
    subject_id: subjectId ?? null,
    expires_at: expiresAt ?? null,
  }));
  await transaction.insertInto('cert_log').values(rows).execute();
  return logged;
}

/** The first certificate of this kind about a device or subkey. */
export function findCertAbout(
  db: Kysely<ServerSchema>,
  { kind, subjectId }: { readonly kind: CertKind; readonly subjectId: string },
): Promise<{ readonly seq: number; readonly cert: string } | undefined> {
  return db
    .selectFrom('cert_log')
    .where('subject_id', '=', subjectId)
    .where('kind', '=', kind)
    .select(['seq', 'cert'])
    .orderBy('seq')
    .executeTakeFirst();
}

/** The first certificate of this kind that is listed under a slug. */
export function findCertOf(
  db: Kysely<ServerSchema>,
  { kind, slug }: { readonly kind: CertKind; readonly slug: Slug },
): Promise<{ readonly seq: number; readonly cert: string } | undefined> {
  return db
    .selectFrom('cert_log')
    .where('slug', '=', slug)
    .where('kind', '=', kind)
    .select(['seq', 'cert'])
    .orderBy('seq')
    .executeTakeFirst();
}
