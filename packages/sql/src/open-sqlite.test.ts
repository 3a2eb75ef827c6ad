import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from './database.ts';
import { createIdleFiles } from './idle-files.ts';
import { migrate, type Migrations } from './migrate.ts';
import { openSqlite } from './open-sqlite.ts';

interface Schema {
  notes: { id: number; text: string };
}

const MIGRATIONS: Migrations = {
  '001-notes': {
    up: async (db) => void (await sql`create table notes (id bigint primary key, text text not null)`.execute(db)),
  },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'puffo-sql-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function openNotes(name: string): Promise<Database<Schema>> {
  const database = await openSqlite<Schema>(join(folder, name));
  await migrate(database.db, MIGRATIONS);
  return database;
}

function insert(database: Database<Schema>, id: number): Promise<unknown> {
  return database.write((transaction) =>
    transaction
      .insertInto('notes')
      .values({ id, text: `note ${id}` })
      .execute(),
  );
}

async function idsOf(database: Database<Schema>): Promise<readonly number[]> {
  return (await database.db.selectFrom('notes').select('id').orderBy('id').execute()).map(({ id }) => id);
}

describe('a SQLite database', () => {
  test('keeps what was written when it is opened again', async () => {
    {
      await using database = await openNotes('keeps.db');
      await Promise.all([3, 1, 2].map((id) => insert(database, id)));
    }
    await using again = await openNotes('keeps.db');
    expect(await idsOf(again)).toEqual([1, 2, 3]);
  });

  test('forgets a transaction that throws, and goes on', async () => {
    await using database = await openNotes('forgets.db');
    const failing = database.write(async (transaction) => {
      await transaction.insertInto('notes').values({ id: 1, text: 'lost' }).execute();
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    await insert(database, 2);
    expect(await idsOf(database)).toEqual([2]);
  });

  test('keeps apart what is written together: one that throws concerns nobody else', async () => {
    await using database = await openNotes('together.db');
    const seen: (readonly number[])[] = [];
    const outcomes = await Promise.allSettled([
      insert(database, 1),
      database.write(async (transaction) => {
        await transaction.insertInto('notes').values({ id: 2, text: 'lost' }).execute();
        seen.push((await transaction.selectFrom('notes').select('id').execute()).map(({ id }) => id));
        throw new Error('on purpose');
      }),
      database.commitOne((db) => db.insertInto('notes').values({ id: 3, text: 'note' }).execute()),
      database.commitOne((db) => db.insertInto('notes').values({ id: 1, text: 'taken' }).execute()),
      insert(database, 4),
    ]);
    expect(seen).toEqual([[1, 2]]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await idsOf(database)).toEqual([1, 3, 4]);
  });

  test('is written by two connections in turn', async () => {
    await using one = await openNotes('two.db');
    await using other = await openNotes('two.db');
    await Promise.all(Array.from({ length: 40 }, (_, id) => insert(id % 2 === 0 ? one : other, id)));
    expect(await idsOf(other)).toHaveLength(40);
  });

  test('is brought up to date once, and a broken migration leaves nothing behind', async () => {
    await using database = await openNotes('migrates.db');
    await migrate(database.db, MIGRATIONS);
    const broken: Migrations = {
      ...MIGRATIONS,
      '002-broken': {
        up: async (db) => {
          await sql`create table half (id bigint)`.execute(db);
          await sql`create nonsense`.execute(db);
        },
      },
    };
    await expect(migrate(database.db, broken)).rejects.toMatchObject({ code: 'migration_failed' });
    const tables = await sql<{ name: string }>`select name from sqlite_master where name = 'half'`.execute(database.db);
    expect(tables.rows).toEqual([]);
  });

  test('that cannot be opened says what to do', async () => {
    const path = join(folder, 'no', 'such', 'folder.db');
    await expect(openSqlite(path)).rejects.toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining('check that its folder can be written'),
    });
  });
});

describe('a SQLite database that closes its file when it is idle', () => {
  const IDLE_MS = 20;

  async function untilClosed(path: string): Promise<void> {
    const deadline = performance.now() + 10_000;
    // The log goes away with the last one who has the file open, and libsql lets go of it when its statements are collected.
    while (await isThere(`${path}-wal`)) {
      collectGarbage();
      if (performance.now() > deadline) throw new Error('the file was not closed');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  function collectGarbage(): void {
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
  }

  async function isThere(path: string): Promise<boolean> {
    return access(path).then(
      () => true,
      () => false,
    );
  }

  test('opens it again for whoever comes next', async () => {
    const path = join(folder, 'idle.db');
    await using database = await openSqlite<Schema>(path, { closeAfterIdleMs: IDLE_MS });
    await migrate(database.db, MIGRATIONS);
    await insert(database, 1);
    await untilClosed(path);
    await Promise.all([insert(database, 2), idsOf(database), insert(database, 3)]);
    expect(await idsOf(database)).toEqual([1, 2, 3]);
    await untilClosed(path);
    expect(await idsOf(database)).toEqual([1, 2, 3]);
  });

  test('is not closed under a transaction that takes its time', async () => {
    const path = join(folder, 'slow.db');
    await using database = await openSqlite<Schema>(path, { closeAfterIdleMs: IDLE_MS });
    await migrate(database.db, MIGRATIONS);
    await database.write(async (transaction) => {
      await transaction.insertInto('notes').values({ id: 1, text: 'slow' }).execute();
      await new Promise((resolve) => setTimeout(resolve, 5 * IDLE_MS));
      await transaction.insertInto('notes').values({ id: 2, text: 'slow' }).execute();
    });
    expect(await idsOf(database)).toEqual([1, 2]);
  });

  test('is closed sooner where many are open, and loses nothing of what was not waited for', async () => {
    const idleFiles = createIdleFiles({ max: 1 });
    const paths = ['one', 'two', 'three'].map((name) => join(folder, `shared-${name}.db`));
    const options = { closeAfterIdleMs: 3_600_000, idleFiles };
    const databases = await Promise.all(paths.map((path) => openSqlite<Schema>(path, options)));
    for (const database of databases) await migrate(database.db, MIGRATIONS);
    for (let id = 0; id < 20; id++) {
      await Promise.all(
        databases.map((database) =>
          database.write(
            (transaction) =>
              transaction
                .insertInto('notes')
                .values({ id, text: `note ${id}` })
                .execute(),
            { waitsForDisk: id % 2 === 0 },
          ),
        ),
      );
    }
    const [first = '', second = ''] = paths;
    await idsOf(databases[2] ?? expect.fail());
    await Promise.all([untilClosed(first), untilClosed(second)]);
    for (const database of databases) {
      expect(await idsOf(database)).toHaveLength(20);
      await database[Symbol.asyncDispose]();
    }
  });

  test('is made with pages of the size that was asked for', async () => {
    await using database = await openSqlite<Schema>(join(folder, 'pages.db'), { pageSize: 1024 });
    const { rows } = await sql<{ page_size: number }>`pragma page_size`.execute(database.db);
    expect(rows).toEqual([{ page_size: 1024 }]);
  });

  test('can be disposed while its file is closed', async () => {
    const path = join(folder, 'disposed.db');
    const database = await openSqlite<Schema>(path, { closeAfterIdleMs: IDLE_MS });
    await untilClosed(path);
    await database[Symbol.asyncDispose]();
    await using again = await openNotes('disposed.db');
    expect(await idsOf(again)).toEqual([]);
  });
});
