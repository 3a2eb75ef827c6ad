// What the mailbox asks before it hands something over. spec: wire-protocol 6.9
import type { EnvelopeId } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import { sql } from 'kysely';
import type { MailboxStore } from '../mailbox/mailbox.ts';
import { prepareOneRowQuery, prepareQuery } from './prepare-query.ts';
import type { ClientSchema } from './schema.ts';

export function createSqliteMailboxStore({ db }: Database<ClientSchema>): MailboxStore {
  return {
    async findKnown(envelopeIds) {
      if (envelopeIds.length === 0) return new Set();
      const { rows } = await findKnown(db, { ids: JSON.stringify(envelopeIds) });
      return new Set(rows.map((row) => row.envelope_id as EnvelopeId));
    },
    async hasReplayKey(replayKey) {
      return (await findReplayKey(db, { replayKey })).rows.length > 0;
    },
  };
}

/** However many ids there are, it is one query of one text. */
const findKnown = prepareQuery<{ ids: string }, { envelope_id: string }>((db, slot) =>
  db
    .selectFrom('messages')
    .where('envelope_id', 'in', sql<string>`(select value from json_each(${slot('ids')}))`)
    .select('envelope_id')
    .unionAll(
      db
        .selectFrom('unreadable')
        .where('envelope_id', 'in', sql<string>`(select value from json_each(${slot('ids')}))`)
        .select('envelope_id'),
    ),
);

const findReplayKey = prepareOneRowQuery<{ replayKey: string }, { id: number }>((db, slot) =>
  db.selectFrom('messages').where('replay_key', '=', slot('replayKey')).select('id'),
);
