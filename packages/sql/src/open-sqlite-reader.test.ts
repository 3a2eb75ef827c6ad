import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqlite } from './open-sqlite.ts';
import { openSqliteReader } from './open-sqlite-reader.ts';

interface Schema {
  notes: { id: number };
}

async function makeFolder() {
  const path = await mkdtemp(join(tmpdir(), 'puffo-reader-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('a reader sees what is committed, and changes nothing', async () => {
  await using folder = await makeFolder();
  const path = join(folder.path, 'notes of 100% #1 ?.db');
  await using database = await openSqlite<Schema>(path);
  await database.db.schema.createTable('notes').addColumn('id', 'integer').execute();
  await using reader = openSqliteReader<Schema>(path);
  await database.write((transaction) => transaction.insertInto('notes').values({ id: 1 }).execute());
  expect(await reader.db.selectFrom('notes').selectAll().execute()).toEqual([{ id: 1 }]);
  await expect(reader.db.insertInto('notes').values({ id: 2 }).execute()).rejects.toMatchObject({
    code: 'SQLITE_READONLY',
  });
});

test.each([
  ['there is no file', undefined],
  ['the file is no database', 'This is no database. '.repeat(500)],
])('a reader is refused when %s, and nothing is made', async (_, text) => {
  await using folder = await makeFolder();
  const path = join(folder.path, 'notes.db');
  if (text !== undefined) await writeFile(path, text);
  const before = await readdir(folder.path);
  expect(() => openSqliteReader(path)).toThrow(expect.objectContaining({ code: 'database_unreachable' }));
  expect(await readdir(folder.path)).toEqual(before);
});
