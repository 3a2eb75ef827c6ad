// The command line as an administrator uses it: real commands against real servers, in one process.
import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../src/cli/run-cli.ts';
import { settingsReference } from '../src/cli/help.ts';
import { SETTING_NAMES, SETTING_ROWS, type SettingRow } from '../src/config/setting-rows.ts';
import { signUp, unsigned } from './kit/test-person.ts';
import { DIALECTS } from './kit/test-server.ts';
import { createTestWorld } from './kit/test-world.ts';

const CODE = /[2-9A-Z]{4}(-[2-9A-Z]{4}){3}/;

function codeOf(lines: readonly string[]): string {
  const code = CODE.exec(lines.join('\n'))?.[0];
  if (code === undefined) throw new Error(`no code in ${lines.join('\n')}`);
  return code;
}

describe('help', () => {
  test('is what a call without a command prints, and names every command', async () => {
    await using world = await createTestWorld();
    const { exitCode, lines } = await world.run();
    expect(exitCode).toBe(0);
    expect(await world.run('--help')).toEqual({ exitCode, lines, problems: [] });
    for (const { name } of COMMANDS) expect(lines.join('\n')).toContain(`  ${name}`);
  });

  test('of start names every setting with its option, its variable and what holds without it', async () => {
    await using world = await createTestWorld();
    const text = (await world.run('start', '--help')).lines.join('\n');
    const rows: readonly SettingRow<unknown>[] = SETTING_NAMES.map((name) => SETTING_ROWS[name]);
    for (const { flag, environment, help, fallback = '' } of rows) {
      expect(text).toContain(environment);
      expect(text).toContain(help);
      expect(text).toContain(fallback);
      expect(text).toContain(flag ?? environment);
    }
  });

  test('of a command tells its own options and leaves out what it does not take', async () => {
    await using world = await createTestWorld();
    const text = (await world.run('invite', 'create', '--help')).lines.join('\n');
    expect(text).toContain('--uses NUMBER');
    expect(text).toContain('--data-dir FOLDER');
    expect(text).not.toContain('--port');
    expect((await world.run('help', 'invite', 'create')).lines.join('\n')).toBe(text);
  });

  test('agrees with the reference in docs/server.md', async () => {
    const document = await readFile(new URL('../../../docs/server.md', import.meta.url), 'utf8');
    expect(document).toContain(settingsReference().join('\n'));
  });
});

describe('settings', () => {
  test('are taken from the command line before the environment, and empty variables count as missing', async () => {
    await using world = await createTestWorld();
    Object.assign(world.env, { PUFFO_SERVER_SIGNUP: 'closed', PUFFO_SERVER_HOST: '' });
    await using fromEnvironment = await world.start();
    expect(fromEnvironment.url).toContain('127.0.0.1');
    expect(fromEnvironment.lines.join()).toContain('--signup is closed');
    await fromEnvironment.stop();
    await using typed = await world.start('--signup', 'open');
    expect(typed.lines.join()).toContain('Anybody may');
  });
});

describe.each(DIALECTS)('on %s', (dialect) => {
  test('the first start prints the address and a code that lets somebody sign up, until somebody did', async () => {
    await using world = await createTestWorld(dialect);
    const first = await world.start();
    const code = codeOf(first.lines);
    expect(first.lines[0]).toMatch(/^puffo-server \d+\.\d+\.\d+ listens on http:\/\/127\.0\.0\.1:\d+$/);
    expect(first.problems.join('\n')).not.toContain(code);
    expect(await first.stop()).toBe(0);

    await using second = await world.start();
    expect(codeOf(second.lines)).toBe(code);
    await signUp(second, 'alice', code);
    await expect(signUp(second, 'bob', code)).rejects.toThrow('403');
    await second.stop();

    await using third = await world.start();
    expect(third.lines).toHaveLength(1);
  });

  test('codes are made, listed and revoked while the server runs', async () => {
    await using world = await createTestWorld(dialect);
    await using server = await world.start();
    const once = codeOf((await world.run('invite', 'create')).lines);
    const open = (await world.run('invite', 'create', '--uses', 'any', '--code', 'party', '--expires-days', '2'))
      .lines[0];
    expect(open).toBe('PARTY');
    expect((await world.run('invite', 'create', '--code', 'party')).problems.join()).toContain('choose another --code');
    await signUp(server, 'alice', once);
    expect((await world.run('invite', 'revoke', 'party')).exitCode).toBe(0);
    await expect(signUp(server, 'bob', 'PARTY')).rejects.toThrow('403');
    expect((await world.run('invite', 'revoke', 'party')).exitCode).toBe(1);
    const text = (await world.run('invite', 'list')).lines.join('\n');
    expect(text).toMatch(new RegExp(`${once} +used up`));
    expect(text).toMatch(/PARTY +revoked +any number +until 2/);
  });

  test('a disabled identity is refused by the running server at once, until it is enabled', async () => {
    await using world = await createTestWorld(dialect);
    await using server = await world.start('--signup', 'open');
    const alice = await signUp(server, 'alice');
    expect((await world.run('identity', 'list')).lines.join('\n')).toMatch(new RegExp(`${alice.slug} +human +active`));
    expect((await alice.call('GET', '/spaces')).status).toBe(200);
    expect((await world.run('identity', 'disable', alice.slug)).exitCode).toBe(0);
    expect((await alice.call('GET', '/spaces')).status).toBe(401);
    expect((await world.run('identity', 'list')).lines.join('\n')).toMatch(
      new RegExp(`${alice.slug} +human +disabled`),
    );
    expect((await world.run('identity', 'enable', alice.slug)).exitCode).toBe(0);
    expect((await alice.call('GET', '/spaces')).status).toBe(200);
    const unknown = await world.run('identity', 'disable', 'nobody-0000');
    expect(unknown.problems).toEqual(["There is no identity 'nobody-0000': see puffo-server identity list"]);
  });

  test('check says ok for a server that runs', async () => {
    await using world = await createTestWorld(dialect);
    await mkdir(world.dataDir, { recursive: true, mode: 0o700 });
    await using _server = await world.start();
    const { exitCode, lines } = await world.run('check');
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
    expect(exitCode).toBe(0);
    expect(lines.join('\n')).toMatch(/configuration[^]*data folder[^]*disk[^]*blobs[^]*database[^]*clock/);
  });
});

describe('check', () => {
  test('makes nothing and says what the first start will', async () => {
    await using world = await createTestWorld();
    const { exitCode, lines } = await world.run('check');
    expect(exitCode).toBe(0);
    expect(lines.join('\n')).toContain('database: not there yet, the first start makes it');
    expect(await readdir(world.home)).toEqual([]);
  });

  test.each([
    ['a slip in a variable', 'PUFFO_SERVER_PROT is no setting: did you mean PUFFO_SERVER_PORT?'],
    ['a folder that others may read', 'run chmod 700 on it'],
    ['a clock that was set back', 'set it, best by NTP'],
    ['a setting that does not fit', 'failed  configuration: Cannot use PUFFO_SERVER_HOST'],
    ['a bucket that does not answer', 'Cannot read from bucket blobs at http://127.0.0.1:1: check the address'],
  ])('names %s', async (what, sentence) => {
    await using world = await createTestWorld();
    await (await world.start()).stop();
    if (what.includes('variable')) world.env['PUFFO_SERVER_PROT'] = '1';
    if (what.includes('folder')) await chmod(world.dataDir, 0o755);
    if (what.includes('clock')) world.clock.now -= 3_600_000;
    if (what.includes('fit')) world.env['PUFFO_SERVER_HOST'] = '?';
    if (what.includes('bucket')) {
      const keys = { PUFFO_SERVER_S3_ACCESS_KEY_ID: 'id', PUFFO_SERVER_S3_SECRET_ACCESS_KEY: 'key' };
      Object.assign(world.env, keys, { PUFFO_SERVER_BLOB_STORE: 's3://blobs?endpoint=http://127.0.0.1:1' });
    }
    const { exitCode, lines } = await world.run('check');
    expect(exitCode).toBe(1);
    expect(lines.filter((line) => line.startsWith('failed'))).toEqual([expect.stringContaining(sentence)]);
  });
});

test('data is for its owner only', async () => {
  await using world = await createTestWorld();
  await using server = await world.start();
  expect((await stat(world.dataDir)).mode & 0o077).toBe(0);
  expect(await unsigned(server, '/health')).toMatchObject({ ok: true });
});

describe('start', () => {
  test('stops with its standard input when it is told to, and otherwise does not mind its end', async () => {
    await using world = await createTestWorld();
    await using bound = await world.start('--stop-with-input');
    bound.endInput();
    expect(await bound.ending).toBe(0);
    await using free = await world.start();
    free.endInput();
    expect((await fetch(`${free.url}/health`)).ok).toBe(true);
  });
});
