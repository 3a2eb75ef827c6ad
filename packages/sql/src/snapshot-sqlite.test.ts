import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snapshotSqlite } from './snapshot-sqlite.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'puffo-sql-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a snapshot', () => {
  test('has what was committed, while somebody else has the file open', () => {
    const source = join(folder, 'source.db');
    const writer = new Libsql(source);
    writer.pragma('journal_mode = wal');
    writer.exec("create table notes (text text); insert into notes values ('kept')");
    snapshotSqlite(source, join(folder, 'copy.db'));
    writer.close();
    const copy = new Libsql(join(folder, 'copy.db'));
    expect(copy.prepare('select text from notes').all()).toEqual([{ text: 'kept' }]);
    copy.close();
  });

  test('of a file that is missing fails, and makes none', () => {
    const missing = join(folder, 'missing.db');
    expect(() => snapshotSqlite(missing, join(folder, 'never.db'))).toThrow('Cannot copy database');
    expect(existsSync(missing)).toBe(false);
  });
});
