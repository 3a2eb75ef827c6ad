// Questions about the inbox: what waits, and what to show of it.
import type { EnvelopeId } from '@puffo/protocol';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { AgentSchema, InboxState } from './agent-schema.ts';
import { entryOfRow, type InboxEntry } from './inbox-row.ts';

/** What a plan looks at: more would not change it, because the most urgent ones come first. */
const MAX_WAITING = 1000;

export interface InboxStatus {
  readonly counts: Readonly<Record<InboxState, number>>;
  /** Of what is not answered: why, since when (ms). */
  readonly lastError: { readonly failure: string; readonly at: number } | undefined;
  /** Of turns that ended since the moment asked for. */
  readonly tokens: { readonly input: number; readonly output: number };
}

/** First what may run now, the most urgent and oldest first; then the others by the moment that they wait for. */
export async function listWaiting(db: Kysely<AgentSchema>, now: number): Promise<readonly InboxEntry[]> {
  const rows = await db
    .selectFrom('inbox')
    .selectAll()
    .where('state', '=', 'waiting')
    .orderBy(sql`case when not_before <= ${now} then 0 else not_before end`)
    .orderBy('band')
    .orderBy('seq')
    .orderBy('id')
    .limit(MAX_WAITING)
    .execute();
  return rows.map(entryOfRow);
}

export async function findEntry(db: Kysely<AgentSchema>, envelopeId: EnvelopeId): Promise<InboxEntry | undefined> {
  const row = await db.selectFrom('inbox').selectAll().where('envelope_id', '=', envelopeId).executeTakeFirst();
  return row === undefined ? undefined : entryOfRow(row);
}

/** Once more from the start. Returns how many. */
export async function requeue(
  transaction: Transaction<AgentSchema>,
  { state, envelopeIds, now }: RequeueOptions,
): Promise<number> {
  let query = transaction
    .updateTable('inbox')
    .set({ state: 'waiting', attempts: 0, not_before: 0, changed_at: now })
    .where('state', '=', state)
    .where('forgotten_at', 'is', null);
  if (envelopeIds !== undefined) {
    query = query.where(
      'envelope_id',
      'in',
      sql<string>`(select value from json_each(${JSON.stringify(envelopeIds)}))`,
    );
  }
  const { numUpdatedRows } = await query.executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

interface RequeueOptions {
  readonly state: 'deferred' | 'failed';
  /** All, when there are none. */
  readonly envelopeIds?: readonly EnvelopeId[] | undefined;
  readonly now: number;
}

export async function readStatus(db: Kysely<AgentSchema>, since: number): Promise<InboxStatus> {
  const rows = await db
    .selectFrom('inbox')
    .select(['state', ({ fn }) => fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  const error = await db
    .selectFrom('inbox')
    .select(['failure', 'changed_at'])
    .where('failure', 'is not', null)
    .orderBy('changed_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const tokens = await sumTokens(db, since);
  const failure = error?.failure ?? undefined;
  return {
    counts: { ...NONE, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) },
    lastError: error === undefined || failure === undefined ? undefined : { failure, at: error.changed_at },
    tokens,
  };
}

export interface InboxLoad {
  /** Waiting, in a turn, or deferred. */
  readonly waiting: number;
  readonly failed: number;
  readonly tokens: { readonly input: number; readonly output: number };
}

/** What a status shows, without a look at what is over. */
export async function readLoad(db: Kysely<AgentSchema>, since: number): Promise<InboxLoad> {
  const rows = await db
    .selectFrom('inbox')
    .select(['state', ({ fn }) => fn.countAll<number>().as('count')])
    .where('state', 'in', ['waiting', 'in-turn', 'deferred', 'failed'])
    .groupBy('state')
    .execute();
  let waiting = 0;
  let failed = 0;
  for (const { state, count } of rows) {
    if (state === 'failed') failed = count;
    else waiting += count;
  }
  return { waiting, failed, tokens: await sumTokens(db, since) };
}

async function sumTokens(db: Kysely<AgentSchema>, since: number): Promise<InboxLoad['tokens']> {
  return db
    .selectFrom('turns')
    .select([
      sql<number>`coalesce(sum(tokens_in), 0)`.as('input'),
      sql<number>`coalesce(sum(tokens_out), 0)`.as('output'),
    ])
    .where('ended_at', '>=', since)
    .executeTakeFirstOrThrow();
}

const NONE: Readonly<Record<InboxState, number>> = {
  waiting: 0,
  context: 0,
  stored: 0,
  'in-turn': 0,
  answered: 0,
  silent: 0,
  deferred: 0,
  failed: 0,
};
