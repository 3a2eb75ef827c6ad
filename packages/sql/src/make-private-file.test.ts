import { chmod, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makePrivateDatabaseFile } from './make-private-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'puffo-sql-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function modeOf(name: string): Promise<string> {
  return ((await stat(join(folder, name))).mode & 0o777).toString(8);
}

describe.skipIf(process.platform === 'win32')('a private database file', () => {
  test('is made for its user only, and repaired together with what a crash left beside it', async () => {
    await makePrivateDatabaseFile(join(folder, 'new.db'));
    for (const name of ['old.db', 'old.db-wal']) {
      await writeFile(join(folder, name), '');
      await chmod(join(folder, name), 0o644);
    }
    await makePrivateDatabaseFile(join(folder, 'old.db'));
    expect(await Promise.all(['new.db', 'old.db', 'old.db-wal'].map(modeOf))).toEqual(['600', '600', '600']);
  });

  test('behind a link is used, and stays as it is', async () => {
    await writeFile(join(folder, 'theirs'), '', { mode: 0o644 });
    await symlink(join(folder, 'theirs'), join(folder, 'link.db'));
    expect(await makePrivateDatabaseFile(join(folder, 'link.db'))).toMatch(/theirs$/);
    expect(await modeOf('theirs')).toBe('644');
  });

  test('in a folder that is missing says what to check', async () => {
    await expect(makePrivateDatabaseFile(join(folder, 'no', 'such.db'))).rejects.toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining('check that its folder exists'),
    });
  });
});
