// What a slip on the command line and bad configuration end in.
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTestWorld } from './kit/test-world.ts';

describe('a mistake on the command line is one sentence that helps, and exit code 1', () => {
  test.each([
    [['strat'], "There is no command 'strat': did you mean 'start'?"],
    [['xyzzy'], "There is no command 'xyzzy': see puffo-server --help"],
    [['invite'], "'invite' alone is no command: use 'invite create' or 'invite list' or 'invite revoke'"],
    [['invite', 'made'], "There is no command 'invite made': use 'invite create' or"],
    [['start', '--prot', '1'], "'start' has no option --prot: did you mean --port?"],
    [['start', '-p', '1'], "'start' has no option -p: see puffo-server start --help"],
    [['start', '--port'], '--port needs a value'],
    [['start', '--data-dir', '--port', '80'], '--data-dir needs a value'],
    [['start', '--no-trust-proxy=yes'], '--no-trust-proxy takes no value'],
    [['start', 'now'], "'start' does not know what to do with 'now': remove it"],
    [['invite', 'list', '--port', '1'], "'invite list' has no option --port"],
    [['backup'], "'backup' needs a FILE: puffo-server backup FILE"],
    [['backup', 'a', 'b'], "'backup' does not know what to do with 'b'"],
    [['invite', 'create', '--uses', '0'], 'Cannot use --uses: expected a whole number above 0'],
  ])('%j', async (args, sentence) => {
    await using world = await createTestWorld();
    if (args.includes('--uses')) await (await world.start()).stop();
    const { exitCode, lines, problems } = await world.run(...args);
    expect(exitCode).toBe(1);
    expect(lines).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(sentence);
    expect(problems[0]).not.toContain('\n');
  });
});

describe('bad configuration is one sentence that says what to do, and exit code 1', () => {
  const POSTGRES = 'postgres://ada:sesame@127.0.0.1:1/puffo';
  const KEYS = { PUFFO_SERVER_S3_ACCESS_KEY_ID: 'sesame', PUFFO_SERVER_S3_SECRET_ACCESS_KEY: 'sesame' };

  test.each([
    [['--port', '65536'], {}, 'Cannot use --port "65536": expected a number from 0 to 65535'],
    [[], { PUFFO_SERVER_PORT: 'tcp://1.2.3.4:80' }, 'Cannot use PUFFO_SERVER_PORT "tcp://1.2.3.4:80": expected'],
    [['--host', 'a b'], {}, 'Cannot use --host "a b": expected an address'],
    [['--signup', 'everyone'], {}, 'Cannot use --signup "everyone": expected open, invite or closed'],
    [['--public-url', 'ftp://x'], {}, 'Cannot use --public-url: expected an http:// or https:// address'],
    [['--public-url', 'https://ada:sesame@x'], {}, 'Cannot use --public-url'],
    [['--cors-origins', 'https://a.example/'], {}, 'Cannot use --cors-origins'],
    [['--trust-proxy=maybe'], {}, 'Cannot use --trust-proxy "maybe": expected yes or no'],
    [['--data-dir', ''], {}, 'Cannot use --data-dir'],
    [
      ['--database', 'postgres'],
      {},
      'Cannot use --database: expected sqlite (its file is in --data-dir) or postgres://',
    ],
    [['--database', '/var/lib/puffo.db'], {}, 'Cannot use --database: expected sqlite (its file is in --data-dir)'],
    [['--database', 'mysql://ada:sesame@x/y'], {}, 'Cannot use --database'],
    [['--database', POSTGRES], {}, 'Cannot reach the database postgres://ada@127.0.0.1:1/puffo: nothing listens there'],
    [['--database', POSTGRES], { PUFFO_SERVER_DATABASE_PASSWORD: 'sesame' }, 'remove one of them'],
    [[], { PUFFO_SERVER_DATABASE_PASSWORD: 'sesame' }, 'it is for PostgreSQL, but --database is sqlite'],
    [['--database-schema', 'x'], {}, 'it is for PostgreSQL, but --database is sqlite'],
    [['--blob-store', 's3://bucket'], {}, 'set PUFFO_SERVER_S3_ACCESS_KEY_ID and PUFFO_SERVER_S3_SECRET_ACCESS_KEY'],
    [['--blob-store', 's3://ada:sesame@bucket'], {}, 'Cannot use --blob-store: expected a folder or s3://BUCKET'],
    [['--blob-store', 's3://bucket?endpont=http://x'], KEYS, 'Cannot use --blob-store'],
    [['--blob-store', 'gs://bucket'], {}, 'Cannot use --blob-store'],
    [[], KEYS, '--blob-store names a folder'],
    [[], { PUFFO_SERVER_METRICS_TOKEN: 'sesame' }, 'Cannot use PUFFO_SERVER_METRICS_TOKEN: expected at least 16'],
  ])('%j %j', async (args, env, sentence) => {
    await using world = await createTestWorld();
    Object.assign(world.env, env);
    const { exitCode, problems } = await world.run('start', ...args);
    expect(exitCode).toBe(1);
    const sentences = problems.filter((problem) => !problem.startsWith('{'));
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toContain(sentence);
    expect(problems.join('\n')).not.toContain('sesame');
    expect(sentences[0]).not.toContain('\n');
  });

  test('such as a port that is taken', async () => {
    await using world = await createTestWorld();
    const other = createServer();
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { exitCode, problems } = await world.run('start', '--port', port);
    other.close();
    expect({ exitCode, problems }).toEqual({
      exitCode: 1,
      problems: [
        `Cannot listen on 127.0.0.1:${port}: another program uses it, stop that program or choose another --port`,
      ],
    });
  });

  test('such as a data folder that another server runs on, until that one has stopped', async () => {
    await using world = await createTestWorld();
    const first = await world.start();
    const { exitCode, problems } = await world.run('start');
    expect({ exitCode, problems }).toEqual({
      exitCode: 1,
      problems: [`Cannot start: another puffo-server runs on ${world.dataDir}, stop it or choose another --data-dir`],
    });
    await first.stop();
    await (await world.start()).stop();
  });

  test('such as a data folder below a file', async () => {
    await using world = await createTestWorld();
    await writeFile(join(world.home, 'file'), '');
    const { exitCode, problems } = await world.run('start', '--data-dir', join(world.home, 'file', 'data'));
    expect(exitCode).toBe(1);
    expect(problems).toEqual([expect.stringContaining('a part of this path is a file, choose another folder')]);
  });

  test('such as a data folder that cannot be written', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may write everywhere');
    await using world = await createTestWorld();
    await chmod(world.home, 0o500);
    const { exitCode, problems } = await world.run('start');
    await chmod(world.home, 0o700);
    expect(exitCode).toBe(1);
    expect(problems).toEqual([expect.stringContaining('this user may not write there')]);
  });

  test('such as a database of a newer version, which is left as it is', async () => {
    await using world = await createTestWorld();
    await (await world.start()).stop();
    const { openSqlite } = await import('@puffo/sql');
    const { sql } = await import('kysely');
    {
      await using database = await openSqlite(join(world.dataDir, 'puffo-server.db'));
      await sql`insert into kysely_migration (name, timestamp) values ('999-future', '2030')`.execute(database.db);
    }
    for (const command of [['start'], ['invite', 'list'], ['backup', join(world.home, 'b')]]) {
      const { exitCode, problems } = await world.run(...command);
      expect(exitCode).toBe(1);
      expect(problems).toEqual(['Cannot use the database: a newer version of puffo-server made it, run that version']);
    }
  });
});
