import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { EnvelopeId } from '@puffo/protocol';
import { openClientDatabase } from '@puffo/client/sqlite';
import { BOB, messageOf, NOW, openRecord, OWN } from './kit.ts';

const CHILD = fileURLToPath(new URL('recording-child.mjs', import.meta.url));
const OPTIONS = { ownSlug: OWN, clock: () => NOW };

describe.runIf(process.platform !== 'win32')('the file of a record', () => {
  test('and those beside it are for this user only, also where they were open to others', async () => {
    await using record = await openRecord();
    const paths = ['', '-wal', '-shm'].map((suffix) => record.path + suffix);
    const modes = async () => Promise.all(paths.map(async (path) => (await stat(path)).mode & 0o777));
    await record.database.messages.record(messageOf());
    expect(await modes()).toEqual([0o600, 0o600, 0o600]);
    for (const path of paths) await chmod(path, 0o666);
    await record.open();
    expect(await modes()).toEqual([0o600, 0o600, 0o600]);
  });

  test('may be a link to where there is more room', async () => {
    await using record = await openRecord();
    const inbound = messageOf();
    await record.database.messages.record(inbound);
    await record.database[Symbol.asyncDispose]();
    const link = join(record.folder, 'link.db');
    await symlink(record.path, link);
    await using linked = await openClientDatabase(link, OPTIONS);
    expect(await linked.messages.find(inbound.envelopeId)).toBeDefined();
  });
});

describe('a record', () => {
  test.each([
    ['its folder is missing', 'missing/client.db', 'store-failed'],
    ['a folder stands in its place', 'folder', 'store-failed'],
    ['the file is something else', 'text.db', 'database_unreachable'],
  ])('is not opened when %s, and says so', async (_, name, code) => {
    await using record = await openRecord();
    await mkdir(join(record.folder, 'folder'));
    await writeFile(join(record.folder, 'text.db'), 'This is no database. '.repeat(500));
    const opening = openClientDatabase(join(record.folder, name), OPTIONS);
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringContaining(name) });
  });

  test('belongs to one identity', async () => {
    await using record = await openRecord();
    await expect(record.open(BOB)).rejects.toMatchObject({
      code: 'store-failed',
      message: expect.stringContaining(`it is the record of ${OWN}`),
    });
    await expect(record.reopen()).resolves.toBeDefined();
  });

  test('has everything that was reported as recorded, after its process was killed while it wrote', async () => {
    await using record = await openRecord();
    await record.database[Symbol.asyncDispose]();
    for (const round of [1, 2, 3]) {
      const child = spawn(process.execPath, [CHILD, record.path, OWN], { stdio: ['ignore', 'pipe', 'inherit'] });
      const reported: EnvelopeId[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        reported.push(line as EnvelopeId);
        if (reported.length === 40 * round) child.kill('SIGKILL');
      }
      if (child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
      await using database = await openClientDatabase(record.path, OPTIONS);
      expect(reported.length).toBeGreaterThanOrEqual(40 * round);
      expect(await database.mailbox.findKnown(reported)).toEqual(new Set(reported));
      for (const envelopeId of reported) {
        expect((await database.messages.find(envelopeId))?.content).toBe(`content of ${envelopeId}`);
      }
    }
  });
});
