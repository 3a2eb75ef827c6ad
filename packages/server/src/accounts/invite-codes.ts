// Codes that let people sign up. The administrator of the server makes them. spec: wire-protocol 9.2, part 15 question 17
import type { Random } from '@puffo/base';
import { LIMITS } from '@puffo/protocol';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';

/** 32 characters that nobody takes for another: no 0 and O, no 1 and I. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const GROUPS = 4;
const GROUP_CHARACTERS = 4;
const MAX_LISTED = 1000;

export interface NewInviteCode {
  /** A word of the administrator's choice; drawn where absent. */
  readonly code?: string;
  /** How many people it lets in; `null`: any number. */
  readonly uses: number | null;
  /** ms; `null`: never. */
  readonly expiresAt: number | null;
}

export type InviteCode = Selectable<ServerSchema['invite_codes']>;

/** Returns the code. Fails with CONFLICT when the chosen word was used before. */
export async function createInviteCode(
  { database, random, now }: Pick<ServerContext, 'database' | 'random' | 'now'>,
  wanted: NewInviteCode,
): Promise<string> {
  const code = normalizeInviteCode(wanted.code ?? drawInviteCode(random));
  if (code.length === 0 || code.length > LIMITS.opaqueIdCharacters) {
    throw new ServerError('INVALID_PAYLOAD', 'Cannot make invite code: it is empty or too long');
  }
  const row = { code, uses_left: wanted.uses, expires_at: wanted.expiresAt, created_at: now(), revoked_at: null };
  const { numInsertedOrUpdatedRows } = await database.write((transaction) =>
    transaction
      .insertInto('invite_codes')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow(),
  );
  if (numInsertedOrUpdatedRows === 1n) return code;
  throw new ServerError('CONFLICT', 'Cannot make invite code: it exists already');
}

/** The newest first, at most 1000, also those that are used up. */
export function listInviteCodes(db: Kysely<ServerSchema>): Promise<readonly InviteCode[]> {
  return db.selectFrom('invite_codes').selectAll().orderBy('created_at', 'desc').limit(MAX_LISTED).execute();
}

/** Whether there was such a code that could still be used. */
export async function revokeInviteCode(
  { database, now }: Pick<ServerContext, 'database' | 'now'>,
  code: string,
): Promise<boolean> {
  const { numUpdatedRows } = await database.write((transaction) =>
    transaction
      .updateTable('invite_codes')
      .set({ revoked_at: now() })
      .where('code', '=', normalizeInviteCode(code))
      .where('revoked_at', 'is', null)
      .executeTakeFirstOrThrow(),
  );
  return numUpdatedRows === 1n;
}

/** Whether somebody could sign up with it now. */
export async function isInviteCodeUsable(
  db: Kysely<ServerSchema>,
  { code, at }: { readonly code: string; readonly at: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('invite_codes')
    .where('code', '=', normalizeInviteCode(code))
    .selectAll()
    .executeTakeFirst();
  if (row === undefined || row.revoked_at !== null || row.uses_left === 0) return false;
  return row.expires_at === null || row.expires_at > at;
}

/** Takes one use. Whether the code allowed it. */
export async function takeInviteCode(
  transaction: Transaction<ServerSchema>,
  { code, at }: { readonly code: string; readonly at: number },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('invite_codes')
    .set({ uses_left: sql`uses_left - 1` })
    .where('code', '=', normalizeInviteCode(code))
    .where('revoked_at', 'is', null)
    .where((is) => is.or([is('uses_left', 'is', null), is('uses_left', '>', 0)]))
    .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', at)]))
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** 80 random bits, as `K7QD-2MPX-VB9H-T4RE`. */
export function drawInviteCode(random: Random): string {
  const bytes = random.bytes(GROUPS * GROUP_CHARACTERS);
  const characters = Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
  const starts = Array.from({ length: GROUPS }, (_, group) => group * GROUP_CHARACTERS);
  return starts.map((start) => characters.slice(start, start + GROUP_CHARACTERS)).join('-');
}

/** People type as they like. */
function normalizeInviteCode(code: string): string {
  return code.trim().toUpperCase();
}
