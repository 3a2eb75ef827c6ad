// The logins of the user, with a program of the vendor that is a function. spec: runtimes 5.4, 5.5
import { lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeBase64url, encodeUtf8, isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import { waitFor } from '@puffo/testbed';
import { describe, expect, it } from 'vitest';
import { createCredentialKeeper } from '../../src/credentials/create-credential-keeper.ts';
import type { LoginName } from '../../src/credentials/login.ts';
import type { HelperResult } from '../../src/credentials/refresh-login.ts';
import { createManualSleep } from '../kit/manual-sleep.ts';
import { createRecordingLogger } from '../kit/recording-logger.ts';

const NOW = 1_800_000_000_000;
const MINUTE_MS = 60_000;
const POLL_MS = 2 * MINUTE_MS;
const FILES = { claude: '.claude/.credentials.json', codex: '.codex/auth.json' } as const;
const DONE: HelperResult = { exitCode: 0, output: 'ok' };

/** A user with agents; what the helper does is `helper`. */
async function createScene() {
  const folder = await mkdtemp(join(tmpdir(), 'puffo-credentials-'));
  const homeFolder = join(folder, 'user');
  const logger = createRecordingLogger();
  const calls: string[] = [];
  const changes: string[] = [];
  const broken: string[] = [];
  const scene = {
    clock: { now: NOW },
    helper: (): Promise<HelperResult> => Promise.resolve(DONE),
  };
  const keepers: AsyncDisposable[] = [];

  function startKeeper() {
    const time = createManualSleep();
    const keeper = createCredentialKeeper({
      homeFolder,
      clock: () => scene.clock.now,
      logger,
      sleep: time.sleep,
      runHelper({ name }) {
        calls.push(name);
        return scene.helper();
      },
    });
    keepers.push(keeper);
    return { keeper, time };
  }

  const { keeper, time } = startKeeper();
  const hostFile = (login: LoginName = 'claude') => join(homeFolder, FILES[login]);
  const viewFile = (id: string, login: LoginName = 'claude') => join(folder, id, FILES[login]);

  async function put(path: string, content: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }

  return {
    ...scene,
    scene,
    folder,
    homeFolder,
    logger,
    calls,
    changes,
    broken,
    keeper,
    time,
    startKeeper,
    hostFile,
    viewFile,
    follow(id: string, login: LoginName = 'claude', from = keeper) {
      return from.follow({
        agent: { id, folder: join(folder, id) },
        login,
        onChange: () => changes.push(id),
        onBroken: () => broken.push(id),
      });
    },
    put,
    /** Of Claude, so many ms before it ends. */
    logIn: (token: string, leftMs: number) => put(hostFile(), claudeLogin(token, scene.clock.now + leftMs)),
    async view(id: string, login: LoginName = 'claude'): Promise<JsonObject | undefined> {
      const text = await readFile(viewFile(id, login), 'utf8').catch(() => '');
      const parsed = safeParseJson(text, { maxLength: 100_000, maxDepth: 10, integers: 'any' });
      return parsed.kind === 'value' && isJsonObject(parsed.value) ? parsed.value : undefined;
    },
    async tokenOf(id: string): Promise<unknown> {
      const view = await this.view(id);
      const login = view?.['claudeAiOauth'];
      return isJsonObject(login) ? login['accessToken'] : undefined;
    },
    /** Resolves when the next look is over. */
    async passPoll(): Promise<void> {
      await waitFor(() => time.delays.includes(POLL_MS), 'the keeper to wait');
      time.pass(POLL_MS);
      await waitFor(() => time.delays.includes(POLL_MS), 'the end of the look');
    },
    async [Symbol.asyncDispose]() {
      for (const each of keepers) await each[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function claudeLogin(accessToken: string, expiresAt: number): string {
  const claudeAiOauth = { accessToken, refreshToken: `refresh ${accessToken}`, expiresAt, scopes: ['user:inference'] };
  return JSON.stringify({ claudeAiOauth, organizationUuid: 'o' });
}

function codexLogin(expiresAt: number): string {
  const payload = encodeBase64url(encodeUtf8(JSON.stringify({ exp: Math.floor(expiresAt / 1000) })));
  const tokens = { id_token: 'i', access_token: `h.${payload}.s`, refresh_token: 'r', account_id: 'a' };
  return JSON.stringify({ OPENAI_API_KEY: null, tokens, last_refresh: '2020-01-01T00:00:00Z' });
}

describe('the logins of the user', () => {
  it("statement 46: an agent's view has no refresh token and mode 0600, and the host file stays as it is", async () => {
    await using scene = await createScene();
    await scene.logIn('a', 60 * MINUTE_MS);
    const before = await readFile(scene.hostFile(), 'utf8');
    const modeBefore = (await stat(scene.hostFile())).mode;
    scene.follow('x');
    await waitFor(async () => (await scene.tokenOf('x')) === 'a', 'the view');
    expect(await scene.view('x')).toEqual({
      claudeAiOauth: { accessToken: 'a', expiresAt: NOW + 60 * MINUTE_MS, scopes: ['user:inference'] },
      organizationUuid: 'o',
    });
    expect((await stat(scene.viewFile('x'))).mode & 0o777).toBe(0o600);
    expect(await readFile(scene.hostFile(), 'utf8')).toBe(before);
    expect((await stat(scene.hostFile())).mode).toBe(modeBefore);
    expect(scene.calls).toEqual([]);
  });

  it('replace the symlink of an earlier version, and never write through it', async () => {
    await using scene = await createScene();
    await scene.logIn('a', 60 * MINUTE_MS);
    await mkdir(dirname(scene.viewFile('x')), { recursive: true });
    await symlink(scene.hostFile(), scene.viewFile('x'));
    scene.follow('x');
    await waitFor(async () => (await lstat(scene.viewFile('x'))).isFile(), 'the view');
    expect(await readFile(scene.hostFile(), 'utf8')).toContain('refreshToken');
  });

  it('are not written through a folder that an agent has made a link', async () => {
    await using scene = await createScene();
    await scene.logIn('a', 60 * MINUTE_MS);
    await mkdir(join(scene.folder, 'x'), { recursive: true });
    await mkdir(join(scene.folder, 'elsewhere'));
    await symlink(join(scene.folder, 'elsewhere'), join(scene.folder, 'x', '.claude'));
    scene.follow('x');
    scene.follow('y');
    await waitFor(async () => (await scene.tokenOf('y')) === 'a', 'the view of the other agent');
    expect(scene.logger.eventsAt('warn')).toContain('credentials-view-failed');
    await expect(stat(join(scene.folder, 'elsewhere', '.credentials.json'))).rejects.toThrow('ENOENT');
  });

  it('statement 44: are handed on when they change, and what waits is tried again', async () => {
    await using scene = await createScene();
    await scene.logIn('a', 60 * MINUTE_MS);
    scene.follow('x');
    const unfollow = scene.follow('y');
    await waitFor(async () => (await scene.tokenOf('y')) === 'a', 'the views');
    await scene.passPoll();
    expect(scene.changes).toEqual([]);
    unfollow();
    await scene.logIn('b', 60 * MINUTE_MS);
    await scene.passPoll();
    expect(await scene.tokenOf('x')).toBe('b');
    expect(await scene.tokenOf('y')).toBe('a');
    expect(scene.changes).toEqual(['x']);
  });

  it('are noticed when somebody logs in while agents live', async () => {
    await using scene = await createScene();
    scene.follow('x');
    await scene.passPoll();
    expect(await scene.view('x')).toBeUndefined();
    await scene.logIn('a', 60 * MINUTE_MS);
    await scene.passPoll();
    expect(await scene.tokenOf('x')).toBe('a');
    expect(scene.changes).toEqual(['x']);
  });

  it('stay with agents while the file is half written', async () => {
    await using scene = await createScene();
    await scene.logIn('a', 60 * MINUTE_MS);
    scene.follow('x');
    await scene.passPoll();
    await scene.put(scene.hostFile(), '{"claudeAiOauth":');
    await scene.passPoll();
    expect(await scene.tokenOf('x')).toBe('a');
    expect(scene.changes).toEqual([]);
  });

  it('are refreshed once under ten minutes, for all agents', async () => {
    await using scene = await createScene();
    await scene.logIn('a', 11 * MINUTE_MS);
    for (const id of ['x', 'y', 'z']) scene.follow(id);
    await scene.passPoll();
    expect(scene.calls).toEqual([]);
    scene.scene.clock.now += 2 * MINUTE_MS;
    scene.scene.helper = async () => {
      await scene.logIn('b', 8 * 60 * MINUTE_MS);
      return DONE;
    };
    await scene.passPoll();
    expect(scene.calls).toEqual(['claude']);
    expect(await Promise.all(['x', 'y', 'z'].map((id) => scene.tokenOf(id)))).toEqual(['b', 'b', 'b']);
    expect(scene.changes).toEqual(['x', 'y', 'z']);
    await scene.passPoll();
    expect(scene.calls).toHaveLength(1);
  });

  it('are refreshed at once when a provider refuses them, also long before their end', async () => {
    await using scene = await createScene();
    await scene.logIn('a', 8 * 60 * MINUTE_MS);
    scene.follow('x');
    await scene.passPoll();
    scene.scene.helper = async () => {
      await scene.logIn('b', 8 * 60 * MINUTE_MS);
      return DONE;
    };
    scene.keeper.refused('claude');
    await waitFor(() => scene.changes.length === 1, 'the new login');
    expect(await scene.tokenOf('x')).toBe('b');
  });

  it.each<[string, HelperResult, string]>([
    ['exits well', DONE, 'unchanged'],
    ['fails', { exitCode: 1, output: 'Please run /login' }, 'failed'],
    ['does not end', { exitCode: undefined, output: '' }, 'failed'],
    ['is limited', { exitCode: 1, output: 'API Error: 429 rate_limit_error' }, 'rate_limited'],
  ])(
    'that stay as they are when the program %s are tried again later, and said to be broken',
    async (_what, result, outcome) => {
      await using scene = await createScene();
      scene.scene.helper = () => Promise.resolve(result);
      await scene.logIn('a', 5 * MINUTE_MS);
      scene.follow('x');
      await scene.passPoll();
      // Not at every look.
      await scene.passPoll();
      expect(scene.calls).toHaveLength(1);
      scene.scene.clock.now += 2 * MINUTE_MS;
      await scene.passPoll();
      expect(scene.calls).toHaveLength(2);
      expect(scene.logger.lines.filter(({ event }) => event === 'credentials-refresh').at(-1)?.fields).toEqual({
        login: 'claude',
        outcome,
      });
      expect(scene.logger.eventsAt('error')).toEqual(['credentials-refresh-broken']);
      expect(scene.broken).toEqual(['x']);
      expect(await scene.tokenOf('x')).toBe('a');
    },
  );

  it('are refreshed by one of several daemons', async () => {
    await using scene = await createScene();
    await scene.logIn('a', 5 * MINUTE_MS);
    let running = 0;
    let most = 0;
    scene.scene.helper = async () => {
      most = Math.max(most, ++running);
      await scene.logIn('b', 8 * 60 * MINUTE_MS);
      running--;
      return DONE;
    };
    const other = scene.startKeeper();
    scene.follow('x');
    scene.follow('y', 'claude', other.keeper);
    await waitFor(async () => (await scene.tokenOf('x')) === 'b' && (await scene.tokenOf('y')) === 'b', 'both views');
    expect([scene.calls.length, most]).toEqual([1, 1]);
  });

  it('are not looked at while nobody works with them', async () => {
    await using scene = await createScene();
    await scene.logIn('a', 1 * MINUTE_MS);
    await scene.put(scene.hostFile('codex'), codexLogin(NOW + MINUTE_MS));
    const unfollow = scene.follow('x', 'codex');
    await scene.passPoll();
    expect(scene.calls).toEqual(['codex']);
    unfollow();
    scene.scene.clock.now += 60 * MINUTE_MS;
    await scene.passPoll();
    expect(scene.calls).toEqual(['codex']);
  });

  it('of Codex are handed on without the refresh token, and never look old', async () => {
    await using scene = await createScene();
    await scene.put(scene.hostFile('codex'), codexLogin(NOW + 60 * MINUTE_MS));
    scene.follow('x', 'codex');
    await waitFor(async () => (await scene.view('x', 'codex')) !== undefined, 'the view');
    expect(await scene.view('x', 'codex')).toMatchObject({
      OPENAI_API_KEY: null,
      tokens: { id_token: 'i', refresh_token: '', account_id: 'a' },
      last_refresh: '2999-01-01T00:00:00Z',
    });
    expect(scene.calls).toEqual([]);
  });

  it('that are about to end are waited for before a turn, and a turn does not wait for others', async () => {
    await using scene = await createScene();
    const { signal } = new AbortController();
    await scene.logIn('a', 20 * MINUTE_MS);
    scene.follow('x');
    await scene.passPoll();
    await scene.keeper.whenFresh('claude', signal);
    expect(scene.calls).toEqual([]);
    scene.scene.clock.now += 20 * MINUTE_MS;
    scene.scene.helper = async () => {
      await scene.logIn('b', 8 * 60 * MINUTE_MS);
      return DONE;
    };
    await scene.keeper.whenFresh('claude', signal);
    expect(await scene.tokenOf('x')).toBe('b');
  });
});
