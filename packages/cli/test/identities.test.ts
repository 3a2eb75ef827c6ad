// Identities, devices and agents: made, moved, let in and ended, at a real server.
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type NetworkServer, startNetworkServer, waitFor } from '@puffo/testbed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPerson } from './kit/test-people.ts';
import { createTestWorld } from './kit/test-world.ts';

const PASSPHRASE = 'correct horse battery';
let server: NetworkServer;

beforeAll(async () => {
  server = await startNetworkServer();
});

afterAll(() => server[Symbol.asyncDispose]());

describe('signing up', () => {
  test('needs a server that is named, by option or environment, and remembers it', async () => {
    await using world = await createTestWorld();
    expect(await world.run(['signup', '--username', 'anna'])).toEqual({
      exitCode: 2,
      out: '',
      problems: 'Cannot choose a server: give --server, or set PUFFO_SERVER_URL\n',
    });
    world.env['PUFFO_SERVER_URL'] = `${server.url}/`;
    const { slug, server_url } = await world.ask(['signup', '--username', 'Anna']);
    expect(slug).toMatch(/^anna-/);
    expect(server_url).toBe(server.url);
    delete world.env['PUFFO_SERVER_URL'];
    const { slug: second = '' } = await world.ask(['signup', '--username', 'anne']);
    expect(await world.ask(['whoami'])).toMatchObject({ slug: second });
  });

  test('keeps everything for its owner only, and leaves nothing unfinished behind', async () => {
    await using anna = await createPerson(server, 'anna');
    await anna.ask(['space', 'list']);
    const files = await readdir(anna.dataFolder, { recursive: true, withFileTypes: true });
    const paths = files.map(({ parentPath, name }) => join(parentPath, name));
    for (const path of paths) expect([path, (await stat(path)).mode & 0o077]).toEqual([path, 0]);
    expect(paths.filter((path) => path.includes('pending'))).toEqual([]);
    expect(paths.map((path) => path.slice(anna.dataFolder.length + 1))).toEqual(
      expect.arrayContaining([`keys/${anna.slug}.json`, `keys/${anna.slug}.session.json`, `${anna.slug}.db`]),
    );
  });

  test('goes on with the same name when the keys were made and the rest was lost', async () => {
    await using world = await createTestWorld();
    const lost = await world.run(['signup', '--server', 'http://127.0.0.1:1', '--username', 'anna']);
    expect(lost.exitCode).toBe(4);
    const pending = join(world.dataFolder, 'keys', 'pending-signup-anna.json');
    const text = await readFile(pending, 'utf8');
    await writeFile(pending, text.replace('http://127.0.0.1:1', server.url));
    const { root_secret_key: kept } = JSON.parse(text) as { root_secret_key: string };
    const { slug } = await world.ask(['signup', '--server', server.url, '--username', 'anna']);
    const keys = JSON.parse(await readFile(join(world.dataFolder, 'keys', `${slug}.json`), 'utf8')) as object;
    expect(keys).toMatchObject({ root_secret_key: kept });
  });

  test('refuses names that no slug can have', async () => {
    await using world = await createTestWorld();
    const { exitCode, problems } = await world.run(['signup', '--server', server.url, '--username', 'a b']);
    expect({ exitCode, problems }).toEqual({
      exitCode: 2,
      problems: 'Cannot use this name: up to 58 letters, digits and dashes, beginning with a letter or digit\n',
    });
  });
});

describe('an identity', () => {
  test('is exported, and imported on another machine, where it acts', async () => {
    await using anna = await createPerson(server, 'anna');
    await using other = await createTestWorld();
    const path = join(anna.home, 'anna.puffo');
    const exported = await anna.run(['identity', 'export', '--out', path], `${PASSPHRASE}\n${PASSPHRASE}\n`);
    expect(exported.exitCode).toBe(0);
    expect(exported.out + exported.problems).not.toContain(PASSPHRASE);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).not.toContain(anna.slug);

    expect(await other.ask(['identity', 'import', path], `${PASSPHRASE}\n`)).toMatchObject({ slug: anna.slug });
    expect(await other.ask(['whoami'])).toEqual(await anna.ask(['whoami']));
    await other.ask(['space', 'create', 'Moved']);

    const again = await other.run(['identity', 'import', path], `${PASSPHRASE}\n`);
    expect(again).toMatchObject({ exitCode: 1, out: '' });
    expect(again.problems).toContain(`Cannot import @${anna.slug}: it is on this machine already, and stays as it is`);
  });

  test('a file of somebody else that is named by mistake is refused, and stays as it is', async () => {
    await using world = await createTestWorld();
    const path = join(world.home, 'notes.txt');
    await writeFile(path, 'notes', { mode: 0o644 });
    expect(await world.run(['identity', 'import', path], `${PASSPHRASE}\n`)).toMatchObject({ exitCode: 1, out: '' });
    expect([await readFile(path, 'utf8'), (await stat(path)).mode & 0o777]).toEqual(['notes', 0o644]);
  });

  test.each([
    ['another passphrase the second time', `${PASSPHRASE}\nsomething else\n`, 'the two passphrases differ'],
    ['a short passphrase', 'short\nshort\n', 'choose one of 8 characters or more'],
    ['nobody to ask', '', 'standard input has ended'],
  ])('is not exported with %s', async (_what, input, sentence) => {
    await using anna = await createPerson(server, 'anna');
    const path = join(anna.home, 'anna.puffo');
    const { exitCode, problems } = await anna.run(['identity', 'export', '--out', path], input);
    expect(exitCode).toBe(1);
    expect(problems).toContain(sentence);
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  test('is exported at a terminal without showing the passphrase', async () => {
    await using anna = await createPerson(server, 'anna');
    const path = join(anna.home, 'anna.puffo');
    const command = anna.start(['identity', 'export', '--out', path], { isTerminal: true });
    await waitFor(() => command.problems().includes('Passphrase: '), 'the question');
    command.type(`${PASSPHRASE}\r`);
    await waitFor(() => command.problems().includes('The same again: '), 'the second question');
    command.type(`${PASSPHRASE}x\u007f\r`);
    const { exitCode, out, problems } = await command.ending;
    expect(exitCode).toBe(0);
    expect(out + problems).not.toContain(PASSPHRASE.slice(0, 3));
    await using other = await createTestWorld();
    await other.ask(['identity', 'import', path], `${PASSPHRASE}\n`);
  });

  test('is not exported when the question is answered by Ctrl-C', async () => {
    await using anna = await createPerson(server, 'anna');
    const path = join(anna.home, 'anna.puffo');
    const command = anna.start(['identity', 'export', '--out', path], { isTerminal: true });
    await waitFor(() => command.problems().includes('Passphrase: '), 'the question');
    command.type('\u0003');
    expect(await command.ending).toMatchObject({ exitCode: 130 });
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  test('is not exported over a file that is there', async () => {
    await using anna = await createPerson(server, 'anna');
    const path = join(anna.home, 'anna.puffo');
    await writeFile(path, 'precious');
    const { exitCode, problems } = await anna.run(
      ['identity', 'export', '--out', path],
      `${PASSPHRASE}\n${PASSPHRASE}\n`,
    );
    expect({ exitCode, problems }).toMatchObject({
      exitCode: 1,
      problems: expect.stringContaining('it exists already'),
    });
    expect(await readFile(path, 'utf8')).toBe('precious');
  });

  test('is chosen by use, and for one command by --slug', async () => {
    await using world = await createTestWorld();
    world.env['PUFFO_SERVER_URL'] = server.url;
    const { slug: first = '' } = await world.ask(['signup', '--username', 'one']);
    const { slug: second = '' } = await world.ask(['signup', '--username', 'two']);
    expect(await world.ask(['whoami'])).toMatchObject({ slug: second });
    expect(await world.ask(['whoami', '--slug', `@${first}`])).toMatchObject({ slug: first });
    await world.ask(['identity', 'use', first]);
    expect(await world.ask(['whoami'])).toMatchObject({ slug: first });
    const listed = await world.ask<readonly { slug: string; is_current: boolean }[]>(['identity', 'list']);
    expect(listed.filter(({ is_current }) => is_current).map(({ slug }) => slug)).toEqual([first]);
    await rm(join(world.dataFolder, 'puffo-cli.json'));
    const { exitCode, problems } = await world.run(['whoami']);
    expect({ exitCode, problems }).toEqual({
      exitCode: 3,
      problems: 'Cannot tell who you are: choose with puffo-cli identity use SLUG, or give --slug\n',
    });
  });
});

describe('a further device', () => {
  test('is let in by its code, reads what is sent from then on, and nothing more once it is revoked', async () => {
    await using anna = await createPerson(server, 'anna');
    await using ben = await createPerson(server, 'ben');
    await using tablet = await createTestWorld();
    await ben.ask(['send', `@${anna.slug}`, 'hello, the one of you']);
    const login = tablet.start(['login', '--server', server.url, '--json']);
    const code = await waitFor(() => /device approve (\S+)/.exec(login.problems())?.[1], 'the code');
    const fingerprint = /Fingerprint of this machine: (\S+)/.exec(login.problems())?.[1] ?? 'none';

    const refused = await anna.run(['device', 'approve', code], 'n\n');
    expect(refused).toMatchObject({ exitCode: 1, out: '' });
    const approved = await anna.run(['device', 'approve', code], 'y\n');
    expect(approved).toMatchObject({ exitCode: 0 });
    expect(approved.problems).toContain(fingerprint);
    const { exitCode, out } = await login.ending;
    expect(exitCode).toBe(0);
    const { device_id: deviceId = '', root_fingerprint } = JSON.parse(out) as Record<string, string>;
    expect(await anna.ask(['whoami'])).toMatchObject({ slug: anna.slug, root_fingerprint });

    const sent = await ben.run(['send', `@${anna.slug}`, 'hello, both of you']);
    expect(sent.problems).toContain(`Warning: @${anna.slug} has a new device, ${deviceId}\n`);
    for (const machine of [anna, tablet]) {
      const messages = await machine.ask<readonly { text: string }[]>(['read', `@${ben.slug}`, '--limit', '1']);
      expect(messages.map(({ text }) => text)).toEqual(['hello, both of you']);
    }
    expect(await tablet.ask<readonly object[]>(['read', `@${ben.slug}`])).toHaveLength(1);

    const listed = await anna.ask<readonly { device_id: string; is_usable: boolean }[]>(['device', 'list']);
    expect(listed.filter(({ is_usable }) => is_usable)).toHaveLength(2);
    await anna.ask(['device', 'revoke', deviceId, '--yes']);
    expect(await tablet.run(['space', 'list'])).toMatchObject({ exitCode: 5, out: '' });
    const after = await anna.ask<readonly { device_id: string; is_usable: boolean }[]>(['device', 'list']);
    expect(after.find(({ device_id }) => device_id === deviceId)).toMatchObject({ is_usable: false });
  });
});

test('a login that nobody approves ends when it is stopped', async () => {
  await using tablet = await createTestWorld();
  const login = tablet.start(['login', '--server', server.url]);
  await waitFor(() => login.problems().includes('Waiting'), 'the code');
  login.stop();
  expect(await login.ending).toMatchObject({ exitCode: 130, out: '' });
});

describe('an agent', () => {
  test('is registered with keys where the daemon looks, is invited like a person, and ends for ever', async () => {
    await using anna = await createPerson(server, 'anna');
    const agent = await anna.ask(['agent', 'register', 'helper', '--display-name', 'Helper']);
    const { slug = '', key_file: keyFile = '' } = agent;
    expect(JSON.parse(await readFile(keyFile, 'utf8'))).toMatchObject({ slug, server_url: server.url });
    const registered = await readFile(join(anna.dataFolder, 'keys', 'registered-agents.json'), 'utf8');
    expect(JSON.parse(registered)).toMatchObject({ agents: [{ slug, operator_slug: anna.slug }] });
    expect(await anna.ask(['profile', 'show', slug])).toMatchObject({ display_name: 'Helper', identity_type: 'agent' });
    expect(await anna.ask(['whoami'])).toMatchObject({ slug: anna.slug, kind: 'person' });
    expect(await anna.ask(['whoami', '--slug', slug])).toMatchObject({ kind: 'agent' });

    await anna.ask(['space', 'create', 'Lab']);
    await anna.ask(['space', 'invite', 'Lab', slug]);
    await anna.ask(['invites', 'accept', 'Lab', '--slug', slug]);
    expect(await anna.ask<readonly object[]>(['space', 'members', 'Lab'])).toContainEqual(
      expect.objectContaining({ slug, identity_type: 'agent' }),
    );
    expect(await anna.ask(['status', slug])).toMatchObject({ slug, status: 'offline' });
    expect(await anna.ask<readonly object[]>(['agent', 'list'])).toMatchObject([{ slug, status: 'offline' }]);

    const chat = anna.start(['chat', 'General'], { isTerminal: true });
    await waitFor(() => stripVTControlCharacters(chat.out()).includes(`○ ${slug} > `), 'its dot before the prompt');
    chat.type('\u0004');
    expect(await chat.ending).toMatchObject({ exitCode: 0 });

    const unsure = await anna.run(['agent', 'revoke', slug], '\n');
    expect(unsure.exitCode).toBe(1);
    await anna.ask(['agent', 'revoke', slug], 'yes\n');
    expect(await anna.ask<readonly object[]>(['agent', 'list'])).toEqual([]);
    expect(await anna.ask<readonly { slug: string }[]>(['space', 'members', 'Lab'])).toHaveLength(1);
    await expect(stat(keyFile)).rejects.toThrow('ENOENT');
  });
});
