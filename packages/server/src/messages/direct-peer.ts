// Whether one person may write to another directly: everybody to everybody, minus blocks, and to few new people per
// hour. spec: wire-protocol 9.22, 14.3, 15 (12)
import type { Slug } from '@puffo/protocol';
import type { Kysely } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';

const HOUR_MS = 3_600_000;

export interface Pair {
  readonly sender: Slug;
  readonly recipient: Slug;
}

export async function checkDirectPeer(context: ServerContext, pair: Pair): Promise<void> {
  const { db } = context.database;
  const found = await findRecipient(db, pair);
  if (found === undefined || found.state === 'revoked') {
    throw new ServerError('NOT_FOUND', `Cannot send message: there is no '${pair.recipient}'`);
  }
  if (found.blocked !== null) throw new ServerError('FORBIDDEN', 'Cannot send message: you may not write to them');
  if (pair.sender === pair.recipient || (await haveWritten(db, pair))) return;
  const rate = { limit: context.settings.limits.newPeersPerHour, windowMs: HOUR_MS };
  const retryAfterSeconds = await context.limiter.take(`new-peers ${pair.sender}`, rate);
  if (retryAfterSeconds === undefined) return;
  const message = 'Cannot send message: you wrote to too many new people within an hour';
  throw new ServerError('RATE_LIMITED', message, { retryAfterSeconds });
}

function findRecipient(db: Kysely<ServerSchema>, { sender, recipient }: Pair) {
  return db
    .selectFrom('identities')
    .leftJoin('blocklists', (join) =>
      join.onRef('blocklists.slug', '=', 'identities.slug').on('blocklists.peer_slug', '=', sender),
    )
    .where('identities.slug', '=', recipient)
    .select(['identities.state as state', 'blocklists.peer_slug as blocked'])
    .executeTakeFirst();
}

/** In either direction: who was written to may answer. */
async function haveWritten(db: Kysely<ServerSchema>, pair: Pair): Promise<boolean> {
  const { sender, recipient } = pair;
  return (await hasSent(db, pair)) || hasSent(db, { sender: recipient, recipient: sender });
}

async function hasSent(db: Kysely<ServerSchema>, { sender, recipient }: Pair): Promise<boolean> {
  const message = await db
    .selectFrom('messages')
    .where('sender_slug', '=', sender)
    .where('recipient_slug', '=', recipient)
    .select('envelope_id')
    .limit(1)
    .executeTakeFirst();
  return message !== undefined;
}
