// Rows that have a time of their own at which nobody needs them any more.
import type { Kysely } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { ServerSchema } from '../db/schema.ts';
import { SLICE_ROWS } from './bounded-task.ts';

/** Longer than any window that is counted in. */
const RATE_WINDOW_KEPT_MS = 24 * 3_600_000;

/** A nonce may come again once its request would be refused for its time. spec: wire-protocol 5.6 step 7 */
export async function forgetNonces({ database, now }: ServerContext): Promise<number> {
  const { db } = database;
  const until = await findSliceEnd(db, now());
  // What may be lost with the power need not wait for the disk.
  const { numDeletedRows } = await db
    .deleteFrom('used_nonces')
    .where('forget_at', '<=', until)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** A slug that was reserved and never bound is free again. spec: wire-protocol 15, 22 */
export function forgetRegistrations({ database, now }: ServerContext): Promise<number> {
  return database.write(async (transaction) => {
    const slice = transaction
      .selectFrom('pending_registrations')
      .where('expires_at', '<=', now())
      .select('token_hash')
      .limit(SLICE_ROWS);
    const { numDeletedRows } = await transaction
      .deleteFrom('pending_registrations')
      .where('token_hash', 'in', slice)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  });
}

export function forgetEnrolments({ database, now }: ServerContext): Promise<number> {
  return database.write(async (transaction) => {
    const slice = transaction
      .selectFrom('enrolments')
      .where('expires_at', '<=', now())
      .select('nonce')
      .limit(SLICE_ROWS);
    const { numDeletedRows } = await transaction
      .deleteFrom('enrolments')
      .where('nonce', 'in', slice)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  });
}

export async function forgetRateWindows({ database, now }: ServerContext): Promise<number> {
  const { db } = database;
  const slice = db
    .selectFrom('rate_windows')
    .where('window_start', '<', now() - RATE_WINDOW_KEPT_MS)
    .select('key')
    .limit(SLICE_ROWS);
  const { numDeletedRows } = await db.deleteFrom('rate_windows').where('key', 'in', slice).executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** A time that about one slice of nonces is not younger than; the key has two columns, so rows are cut by time. */
async function findSliceEnd(db: Kysely<ServerSchema>, now: number): Promise<number> {
  const row = await db
    .selectFrom('used_nonces')
    .where('forget_at', '<=', now)
    .select('forget_at')
    .orderBy('forget_at')
    .offset(SLICE_ROWS - 1)
    .limit(1)
    .executeTakeFirst();
  return row?.forget_at ?? now;
}
