// A backup of a running server, and its way back.
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { signUp, textOf } from './kit/test-person.ts';
import { createTestWorld, type StartedServer } from './kit/test-world.ts';

describe('a backup', () => {
  async function upload(server: StartedServer, byte: number) {
    const alice = await signUp(server, `alice${byte}`);
    const bytes = new Uint8Array(3000).fill(byte);
    const { blob_id } = await alice.ok('POST', '/blobs/upload', bytes);
    return { alice, bytes, target: `/blobs/${textOf(blob_id)}` };
  }

  test('of a running server holds people and blobs of one moment, and restores them elsewhere', async () => {
    await using world = await createTestWorld();
    await using server = await world.start('--signup', 'open');
    const before = await upload(server, 1);
    const file = join(world.home, 'backup.tar');
    const written = await world.run('backup', file);
    expect(written).toMatchObject({ exitCode: 0, problems: [] });
    const after = await upload(server, 2);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readdir(world.home)).filter((name) => name.startsWith('.puffo'))).toEqual([]);
    await server.stop();

    const dataDir = join(world.home, 'restored');
    expect(await world.run('restore', file, '--data-dir', dataDir)).toMatchObject({ exitCode: 0, problems: [] });
    await using restored = await world.start('--data-dir', dataDir);
    expect(restored.lines).toHaveLength(1);
    const alice = { ...before.alice, server: restored };
    expect((await world.run('identity', 'list', '--data-dir', dataDir)).lines).toHaveLength(1);
    expect(after.alice.slug).not.toBe(alice.slug);
    const blob = await fetchBlob(restored, before);
    expect(blob).toEqual(before.bytes);
    expect(existsSync(join(dataDir, 'restoring.db'))).toBe(false);
  });

  test('replaces no file', async () => {
    await using world = await createTestWorld();
    await (await world.start()).stop();
    const file = join(world.home, 'backup.tar');
    await writeFile(file, 'precious');
    expect(await world.run('backup', file)).toMatchObject({ exitCode: 1 });
    expect(await readFile(file, 'utf8')).toBe('precious');
  });

  test('is restored into an empty folder only', async () => {
    await using world = await createTestWorld();
    await (await world.start()).stop();
    const file = join(world.home, 'backup.tar');
    await world.run('backup', file);
    const { exitCode, problems } = await world.run('restore', file);
    expect(exitCode).toBe(1);
    expect(problems).toEqual([expect.stringContaining('it is not empty, name another folder with --data-dir')]);
  });

  test.each(['cut off', 'changed in the database', 'changed at its end', 'something else', 'missing'])(
    'that is %s restores nothing',
    async (what) => {
      await using world = await createTestWorld();
      await (await world.start()).stop();
      const file = join(world.home, 'backup.tar');
      await world.run('backup', file);
      const { size } = await stat(file);
      if (what === 'cut off') await truncate(file, size - 4096);
      if (what === 'changed in the database') await changeByte(file, 100_000);
      if (what === 'changed at its end') await changeByte(file, size - 2048 + 20);
      if (what === 'something else') await writeFile(file, 'x'.repeat(5000));
      const dataDir = join(world.home, 'restored');
      const name = what === 'missing' ? `${file}.gz` : file;
      const { exitCode, problems } = await world.run('restore', name, '--data-dir', dataDir);
      expect(exitCode).toBe(1);
      expect(problems).toEqual([expect.stringMatching(/^Cannot (restore|use)[: ].{10,}/)]);
      expect(existsSync(join(dataDir, 'puffo-server.db'))).toBe(false);
    },
  );

  test('of PostgreSQL is the work of its own tools', async () => {
    await using world = await createTestWorld();
    const args = ['--database', 'postgres://ada@127.0.0.1:1/puffo'];
    const { exitCode, problems } = await world.run('backup', join(world.home, 'b'), ...args);
    expect(exitCode).toBe(1);
    expect(problems).toEqual([expect.stringContaining('pg_dump')]);
  });

  async function fetchBlob(server: StartedServer, { alice, target }: Awaited<ReturnType<typeof upload>>) {
    const { signRequest } = await import('@puffo/protocol');
    const { random } = await import('./kit/test-person.ts');
    const credentials = { slug: alice.slug, signerId: alice.subkeyId, signingKey: alice.subkey };
    const request = { method: 'GET', target, body: new Uint8Array(0) };
    const headers = signRequest(request, { ...credentials, timestamp: server.clock.now, random });
    const response = await fetch(server.url + target, { headers: { ...headers } });
    return new Uint8Array(await response.arrayBuffer());
  }

  async function changeByte(file: string, position: number) {
    const bytes = await readFile(file);
    bytes[position] = (bytes[position] ?? 0) ^ 1;
    await writeFile(file, bytes);
  }
});
