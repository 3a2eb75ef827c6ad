// What recording a message runs, for each one. spec: wire-protocol 6.9
import type { Insertable, Transaction } from 'kysely';
import type { NewMessageRow, UnplacedRow } from './message-row.ts';
import { prepareOneRowQuery, prepareQuery } from './prepare-query.ts';
import type { ClientSchema, UnreadableTable } from './schema.ts';

/** Whether it was new: its id and its replay key are unique. */
export async function insertMessage(transaction: Transaction<ClientSchema>, row: UnplacedRow): Promise<boolean> {
  const position = row.seq ?? (await readLastPosition(transaction, row));
  return (await insertRow(transaction, { ...row, position })).numAffectedRows === 1n;
}

/** Without a number of its own, a message comes after what is known of its conversation. */
async function readLastPosition(transaction: Transaction<ClientSchema>, row: UnplacedRow): Promise<number> {
  const { channel_id, peer_slug } = row;
  const { rows } =
    row.kind === 'channel'
      ? await findLastInChannel(transaction, { channel_id: channel_id ?? '' })
      : await findLastWithPeer(transaction, { peer_slug: peer_slug ?? '' });
  return rows[0]?.position ?? 0;
}

const findLastInChannel = prepareOneRowQuery<{ channel_id: string }, { position: number }>((db, slot) =>
  db
    .selectFrom('messages')
    .where('channel_id', '=', slot('channel_id'))
    .orderBy('position', 'desc')
    .limit(1)
    .select('position'),
);

const findLastWithPeer = prepareOneRowQuery<{ peer_slug: string }, { position: number }>((db, slot) =>
  db
    .selectFrom('messages')
    .where('peer_slug', '=', slot('peer_slug'))
    .orderBy('position', 'desc')
    .limit(1)
    .select('position'),
);

const insertRow = prepareQuery<NewMessageRow, never>((db, slot) =>
  db
    .insertInto('messages')
    .values({
      envelope_id: slot('envelope_id'),
      seq: slot('seq'),
      position: slot('position'),
      kind: slot('kind'),
      space_id: slot('space_id'),
      channel_id: slot('channel_id'),
      peer_slug: slot('peer_slug'),
      sender_slug: slot('sender_slug'),
      sent_at: slot('sent_at'),
      received_at: slot('received_at'),
      thread_root_id: slot('thread_root_id'),
      reply_to_id: slot('reply_to_id'),
      content_type: slot('content_type'),
      content: slot('content'),
      is_visible_to_human: slot('is_visible_to_human'),
      replay_key: slot('replay_key'),
      is_own: slot('is_own'),
    })
    .onConflict((conflict) => conflict.doNothing()),
);

export async function hasMessage(transaction: Transaction<ClientSchema>, envelopeId: string): Promise<boolean> {
  return (await findId(transaction, { envelope_id: envelopeId })).rows.length > 0;
}

const findId = prepareOneRowQuery<{ envelope_id: string }, { id: number }>((db, slot) =>
  db.selectFrom('messages').where('envelope_id', '=', slot('envelope_id')).select('id'),
);

/** Nothing happens when it is there already. */
export async function insertUnreadable(
  transaction: Transaction<ClientSchema>,
  row: Insertable<UnreadableTable>,
): Promise<void> {
  await transaction
    .insertInto('unreadable')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
