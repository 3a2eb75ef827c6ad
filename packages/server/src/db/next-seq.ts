import { sql, type Transaction } from 'kysely';
import { prepareOneRowQuery } from './prepare-query.ts';
import type { ServerSchema } from './schema.ts';

/**
 * The next number of a log. The row stays locked until the transaction ends, so numbers become visible in their order,
 * and a reader that asks for everything after N misses nothing. `count`: takes that many, and returns the last.
 */
export async function nextSeq(
  transaction: Transaction<ServerSchema>,
  name: 'cert_log' | 'events' | 'messages',
  count = 1,
): Promise<number> {
  const { rows } = await raiseCounter(transaction, { name, count });
  const [counter] = rows;
  if (counter === undefined) throw new Error(`Cannot number: there is no counter '${name}'`);
  return counter.value;
}

const raiseCounter = prepareOneRowQuery<{ name: string; count: number }, { value: number }>((db, slot) =>
  db
    .updateTable('counters')
    .set({ value: sql`value + ${slot('count')}` })
    .where('name', '=', slot('name'))
    .returning('value'),
);
