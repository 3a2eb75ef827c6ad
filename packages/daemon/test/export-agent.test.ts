// What of an agent people may pass on.
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportAgent } from '../src/operations/export-agent.ts';
import { readZip } from './kit/read-zip.ts';
import { copyFixtureHome, readAll, type TemporaryHome } from './kit/temporary-home.ts';

const HELPER = 'helper-9a7c';

describe('exportAgent', () => {
  const SECRETS = [
    't3SQGsi2nMNdfnvengdr7WPhcX',
    'PtfJlBJa',
    'WY4PyKj3',
    'sk-ant-golden',
    'sk-golden',
    'oauth-token',
    'note-key',
  ];

  async function prepare(): Promise<TemporaryHome> {
    const temporary = await copyFixtureHome();
    const agent = temporary.home.agent(HELPER);
    const host = join(temporary.folder, 'host.json');
    await writeFile(host, '{"accessToken": "oauth-token"}');
    await mkdir(agent.claudeFolder);
    await symlink(host, join(agent.claudeFolder, '.credentials.json'));
    await symlink(host, join(agent.folder, 'memory', 'innocent.md'));
    await symlink(join('..', 'keys', `${HELPER}.json`), join(agent.folder, 'memory', 'linked.md'));
    await symlink('team.md', join(agent.folder, 'memory', 'also.md'));
    await symlink('..', join(agent.folder, 'memory', 'round'));
    await writeFile(join(agent.claudeFolder, 'settings.json'), '{}');
    await mkdir(join(agent.folder, 'workspace'));
    await writeFile(join(agent.folder, 'workspace', 'copied.txt'), 'the key is sk-ant-golden-0000');
    await writeFile(join(agent.folder, 'workspace', '.env'), 'A=note-key');
    await writeFile(join(agent.folder, 'workspace', 'old.txt'), 'old');
    await utimes(join(agent.folder, 'workspace', 'old.txt'), 0, 0);
    await writeFile(join(agent.folder, 'workspace', 'draft.tmp'), '');
    await writeFile(agent.agentFile, `${await readFile(agent.agentFile, 'utf8')}env_overrides:\n  TOKEN: note-key\n`);
    return temporary;
  }

  it('packs what is not secret', async () => {
    await using temporary = await prepare();
    const before = await readAll(temporary.home.folder);
    const destination = join(temporary.folder, 'out.v1');
    const exported = await exportAgent(temporary.context(), {
      id: HELPER,
      destination,
      isWithSecrets: false,
      isForced: false,
    });
    expect(exported.file).toBe(`${destination}.zip`);
    expect((await stat(exported.file)).mode & 0o777).toBe(0o600);
    const entries = await readZip(exported.file);
    expect([...entries.keys()].toSorted()).toEqual(
      [
        '.claude/settings.json',
        'agent.yml',
        'memory/also.md',
        'memory/team.md',
        'messages.db',
        'profile.md',
        'workspace/old.txt',
      ].map((name) => `${HELPER}/${name}`),
    );
    const all = Buffer.concat([...entries.values()]).toString('latin1');
    expect(SECRETS.filter((secret) => all.includes(secret))).toEqual([]);
    expect(entries.get(`${HELPER}/agent.yml`)?.toString()).toContain("api_key: ''");
    expect(entries.get(`${HELPER}/messages.db`)?.toString('latin1')).toMatch(/^SQLite format 3/);
    expect(exported.leftOut).toContain('workspace/copied.txt');
    expect(await readAll(temporary.home.folder)).toEqual(before);
  });

  it('packs everything when it is asked to', async () => {
    await using temporary = await prepare();
    const destination = join(temporary.folder, 'all.zip');
    const { file } = await exportAgent(temporary.context(), {
      id: HELPER,
      destination,
      isWithSecrets: true,
      isForced: false,
    });
    const entries = await readZip(file);
    expect([...entries.keys()]).toContain(`${HELPER}/keys/${HELPER}.json`);
    expect(entries.get(`${HELPER}/agent.yml`)?.toString()).toContain('api_key: sk-ant-golden-0000');
    expect([...entries.keys()].filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('replaces a file only when it is forced to, and leaves no draft when it fails', async () => {
    await using temporary = await copyFixtureHome();
    const destination = join(temporary.folder, 'out.zip');
    await writeFile(destination, 'mine');
    const request = { id: HELPER, destination, isWithSecrets: false, isForced: false };
    await expect(exportAgent(temporary.context(), request)).rejects.toThrow(/exists already.*--force/);
    expect(await readFile(destination, 'utf8')).toBe('mine');
    await exportAgent(temporary.context(), { ...request, isForced: true });
    expect((await readZip(destination)).size).toBeGreaterThan(0);
    const nowhere = join(temporary.folder, 'missing', 'out.zip');
    await expect(exportAgent(temporary.context(), { ...request, destination: nowhere })).rejects.toThrow(
      /Cannot write .*ENOENT/,
    );
    expect((await readdir(temporary.folder)).toSorted()).toEqual(['home', 'out.zip']);
  });

  it('packs an agent whose files are damaged', async () => {
    await using temporary = await copyFixtureHome();
    const agent = temporary.home.agent(HELPER);
    await writeFile(agent.agentFile, 'a: b: sk-secret-9\n');
    await writeFile(agent.databaseFile, 'no database');
    const destination = join(temporary.folder, 'out');
    const { file, leftOut } = await exportAgent(temporary.context(), {
      id: HELPER,
      destination,
      isWithSecrets: false,
      isForced: false,
    });
    const entries = await readZip(file);
    expect(leftOut).toContain('agent.yml');
    expect(entries.has(`${HELPER}/agent.yml`)).toBe(false);
    expect(entries.get(`${HELPER}/messages.db`)?.toString()).toBe('no database');
  });
});
