// Queries that are built once give what built ones give, on every connection. Beside the database, not the HTTP side.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareQuery } from '../src/db/prepare-query.ts';
import { nextSeq } from '../src/db/next-seq.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

describe.each(DIALECTS)('prepared queries on %s', (dialect) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ dialect });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('arguments take their places, in any order and more than once, beside fixed values', async () => {
    let builds = 0;
    const find = prepareQuery<{ b: string; a: string }, { nonce: string }>((db, slot) => {
      builds++;
      return db
        .selectFrom('used_nonces')
        .where('signer_id', '=', slot('a'))
        .where('forget_at', '=', 7)
        .where(({ eb, or }) => or([eb('nonce', '=', slot('b')), eb('nonce', '=', slot('a'))]))
        .select('nonce')
        .orderBy('nonce');
    });
    const { database } = server.context;
    const nonces = ['x', 'y', 's'].map((nonce) => ({ signer_id: 's', nonce, forget_at: 7 }));
    await database.db.insertInto('used_nonces').values(nonces).execute();
    expect((await find(database.db, { a: 's', b: 'x' })).rows).toEqual([{ nonce: 's' }, { nonce: 'x' }]);
    const inside = await database.write((transaction) => find(transaction, { a: 's', b: 'y' }));
    expect(inside.rows).toEqual([{ nonce: 's' }, { nonce: 'y' }]);
    expect((await find(database.db, { a: 'other', b: 'x' })).rows).toEqual([]);
    expect(builds).toBe(1);
  });

  test('numbers are given in the order of commits, several at once, and a rollback gives them back', async () => {
    const { database } = server.context;
    const first = await database.write((transaction) => nextSeq(transaction, 'events'));
    const third = await database.write((transaction) => nextSeq(transaction, 'events', 2));
    expect(third - first).toBe(2);
    const failing = database.write(async (transaction) => {
      await nextSeq(transaction, 'events', 5);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await database.write((transaction) => nextSeq(transaction, 'events', 0))).toBe(third);
  });
});
