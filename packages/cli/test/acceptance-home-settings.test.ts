// The acceptance statements for settings, secrets, pairing and a daemon as commands see it, by their numbers.
// spec: daemon-and-cli 9.1, 9.2
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AgentHome, createAgentHome, createCollector, createFixtureHome } from './kit/agent-home.ts';
import { createX, exists, fieldOf, HELPER, listAll, modeOf } from './kit/look-at-home.ts';

describe('config', () => {
  it('36: four empty answers on a fresh home write all documented keys and defaults', async () => {
    await using home = await createAgentHome();
    const { exitCode, out } = await home.spawn(['config'], { input: '\n\n\n\n' });
    expect(exitCode).toBe(0);
    const file = home.in('daemon.yml');
    expect(out).toMatch(new RegExp(`^creating daemon.yml at ${file}\n`));
    expect(out).toContain(`\nwrote ${file}\nagents dir: ${home.in('agents')}\n`);
    const fixture = await readFile(new URL('../../../fixtures/home-0.7.2/daemon.yml', import.meta.url), 'utf8');
    expect(await home.read('daemon.yml')).toBe(fixture.replace(/sk-[\w-]+/g, "''"));
  });

  it('37: answering only the OpenAI question stores openai.api_key and openai.model: gpt-4o', async () => {
    await using home = await createAgentHome();
    expect((await home.run(['config'], { input: '\n\nsk-openai-1\n\n' })).exitCode).toBe(0);
    expect(await home.read('daemon.yml')).toContain('openai:\n  api_key: sk-openai-1\n  model: gpt-4o\n');
    expect(await home.read('daemon.yml')).toContain("anthropic:\n  api_key: ''\n  model: ''\n");
  });
});

describe('secrets', () => {
  it.each([
    ['status'],
    ['agent list'],
    [`agent show ${HELPER}`],
    [`agent pause ${HELPER}`],
    [`agent rename ${HELPER} n`],
    [`agent runtime ${HELPER} --model m`],
    [`agent export ${HELPER} out`],
    [`agent archive ${HELPER}`],
    ['agent create --id new --runtime cli-local'],
    ['pairing show'],
    ['api status'],
    ['config'],
    ['stop'],
  ])(
    '38: after %s, files with secrets are 0600 and their directories 0700, also if they were 0644 and 0755',
    async (line) => {
      await using home = await createFixtureHome();
      for (const path of [home.home, ...(await listAll(home.home)).map((name) => home.in(name))]) {
        await chmod(path, (await stat(path)).isDirectory() ? 0o755 : 0o644);
      }
      expect((await home.run(line.split(' '))).exitCode).toBe(0);
      const paths = (await listAll(home.home)).filter((name) => !name.endsWith('memory/team.md'));
      const modes = await Promise.all(
        paths.map(
          async (name) =>
            ((await stat(home.in(name))).isDirectory() ? 'folder ' : 'file ') + (await modeOf(home.in(name))),
        ),
      );
      expect(paths.filter((_name, at) => !['folder 700', 'file 600'].includes(modes[at] ?? ''))).toEqual([]);
      expect(await modeOf(home.home)).toBe('700');
    },
  );

  it('39: config and agent create do not echo a typed key and do not display a stored one in full', async () => {
    await using home = await createAgentHome();
    const first = await typeAtTerminal(home, ['config'], ['', 'sk-typed-key-1234', '', '']);
    expect(first).toMatch(/Default AI provider .*: /);
    const second = await typeAtTerminal(home, ['config'], ['', '', '', '']);
    const third = await typeAtTerminal(
      home,
      ['agent', 'create', '--id', 'y', '--provider', 'openai'],
      ['sk-other-key'],
    );
    expect(await home.read('daemon.yml')).toContain('api_key: sk-typed-key-1234');
    expect(fieldOf(await home.read('agents', 'y', 'agent.yml'), 'api_key')).toBe('sk-other-key');
    expect(first + second + third).not.toMatch(/typed|other-key/);
    expect(second).toContain('…1234');
  });

  /** What appears on a terminal while somebody answers each question. */
  async function typeAtTerminal(home: AgentHome, args: readonly string[], answers: readonly string[]): Promise<string> {
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
    const stdout = createCollector();
    const left = [...answers];
    let isAnswered = false;
    stdout.stream.on('data', () => {
      const isQuestion = stripVTControlCharacters(stdout.text()).endsWith(': ');
      if (isQuestion && !isAnswered) setImmediate(() => stdin.write(`${left.shift() ?? ''}\r`));
      isAnswered = isQuestion;
    });
    const { exitCode } = await home.run(args, { world: { stdin, stdout: stdout.stream } });
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    return stdout.text();
  }
});

describe('pairing, api, version', () => {
  it('40: pairing show, unpair and api status for absent, valid and corrupt pairing.json', async () => {
    await using home = await createFixtureHome();
    const at = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d';
    const device = 'dev_Ur9qgM1pUvaBXcI20660DGhe1BBrBXIMkqm8cq_cnno';
    expect((await home.run(['pairing', 'show'])).out).toMatch(
      new RegExp(
        `^slug:        alice-3d3d\ndevice_id:   ${device}\npaired_at:   ${at}\nroot_pubkey: lS9PwGqop2ExsJCTFuKO3Vob1wxgDSTYACYp8b-T_90\n$`,
      ),
    );
    const status = (await home.run(['api', 'status'])).out;
    expect(status).toMatch(
      /^enabled: {9}true\nbind: {12}http:\/\/127\.0\.0\.1:63387\nallowed_origins: \["https:\/\/chat\.puffo\.ai",/,
    );
    expect(status).toMatch(
      new RegExp(
        `\npaired:          slug=alice-3d3d device_id=${device}\npaired_at:       ${at}\ndaemon:          not running \\(`,
      ),
    );
    expect(await home.run(['pairing', 'unpair'])).toMatchObject({
      exitCode: 0,
      out: `bridge: unpaired (was slug=alice-3d3d device_id=${device})\n`,
    });
    expect(await exists(home.in('pairing.json'))).toBe(false);
    for (const content of [undefined, '{', '{"slug": "a"}', '[]']) {
      if (content !== undefined) await writeFile(home.in('pairing.json'), content);
      expect(await home.run(['pairing', 'show'])).toMatchObject({ exitCode: 0, out: 'bridge: not paired\n' });
      expect(await home.run(['pairing', 'unpair'])).toMatchObject({
        exitCode: 0,
        out: 'bridge: nothing to unpair (not paired)\n',
      });
      expect((await home.run(['api', 'status'])).out).toContain('paired:          (none)\n');
      expect(await exists(home.in('pairing.json'))).toBe(content !== undefined);
    }
  });

  it('41: version prints puffo-agent <version>; check-update exits 0 with no network', async () => {
    await using home = await createAgentHome();
    expect((await home.spawn(['version'])).out).toMatch(
      /^puffo-agent \d+\.\d+\.\d+ {2}\((?:release|source) install\)\n$/,
    );
    for (const address of [undefined, 'http://127.0.0.1:1/latest', 'nonsense']) {
      home.env['PUFFO_AGENT_UPDATE_URL'] = address;
      const { exitCode, out } = await home.spawn(['check-update']);
      expect(exitCode).toBe(0);
      expect(out).toMatch(/^installed: puffo-agent .*\nlatest: {4}\(.*\)\n$/);
    }
    const newer = { substitutes: { channel: () => Promise.resolve('99.0.0') } };
    const { out } = await home.run(['check-update'], { world: newer });
    expect(out).toMatch(/\nlatest: {4}99\.0\.0\n\nan update is available\. to upgrade:\n {2}\S/);
  });
});

describe('agent refresh-ping', () => {
  it('42: exits 2 for an unknown agent, for chat-local, and without claude; a claude that exits 3 gives rc=3 and exit 0', async () => {
    await using home = await createFixtureHome();
    expect(await home.run(['agent', 'refresh-ping', 'nope'])).toMatchObject({
      exitCode: 2,
      problems: "error: agent 'nope' not found\n",
    });
    expect(await home.run(['agent', 'refresh-ping', HELPER])).toMatchObject({
      exitCode: 2,
      problems: expect.stringContaining('chat-local') as string,
    });
    home.env['PATH'] = home.folder;
    expect(await home.run(['agent', 'refresh-ping', 'coder-22bb'])).toMatchObject({
      exitCode: 2,
      problems: expect.stringContaining('claude') as string,
    });
    await writeFile(join(home.folder, 'claude'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    const { exitCode, out } = await home.run(['agent', 'refresh-ping', 'coder-22bb']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^rc=3 {2}elapsed=\d+\.\ds$/m);
    expect(out).toContain('--- stdout ---\n(empty)\n--- stderr ---\n(empty)\n');
  });
});

describe('a daemon, as far as commands see one', () => {
  const STAND_IN = new URL('../../daemon/test/kit/stand-in-daemon.mjs', import.meta.url).pathname;

  async function startStandIn(home: AgentHome, ...options: readonly string[]) {
    await mkdir(home.home, { recursive: true });
    const script = join(home.folder, 'puffo-agent-stand-in.mjs');
    await copyFile(STAND_IN, script);
    const child = spawn(process.execPath, [script, home.home, 'start', ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    return {
      pid: child.pid,
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  it('45, 46: status recognises a process by its arguments; stop ends it, exits 0 and leaves neither file', async () => {
    await using home = await createAgentHome();
    await using daemon = await startStandIn(home);
    expect((await home.run(['status'])).out).toMatch(new RegExp(`^daemon: running \\(pid=${daemon.pid}\\)\n`));
    await createX(home);
    expect((await home.run(['agent', 'pause', 'x'])).out).toMatch(/^agent 'x' state set to paused\ndaemon /);
    const { exitCode, out } = await home.run(['stop']);
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: `requested daemon shutdown (pid=${daemon.pid}); waiting up to 60s...\ndaemon stopped\n`,
    });
    expect(await readdir(home.home)).toEqual(['agents']);
    expect(await home.run(['stop'])).toMatchObject({ exitCode: 0, out: 'daemon: not running\n' });
  });

  it('4.4: a daemon that does not end makes stop exit 1 with advice on stderr', async () => {
    await using home = await createAgentHome();
    await using daemon = await startStandIn(home, '--deaf');
    const { exitCode, problems } = await home.run(['stop', '--timeout', '1']);
    expect(exitCode).toBe(1);
    expect(problems).toContain(`kill -9 ${daemon.pid}`);
    expect(await exists(home.in('.stop_requested'))).toBe(true);
  });

  it.each([
    [
      '49: a dead process',
      async (home: AgentHome) => {
        const daemon = await startStandIn(home);
        await daemon[Symbol.asyncDispose]();
        return daemon.pid;
      },
    ],
    [
      '50: an unrelated live process',
      async (home: AgentHome) => {
        await mkdir(home.home);
        await writeFile(home.in('daemon.pid'), String(process.pid));
        return process.pid;
      },
    ],
  ])('%s in the pid file is stale: status mentions it, stop removes it and exits 0', async (_name, prepare) => {
    await using home = await createAgentHome();
    const pid = await prepare(home);
    const file = home.in('daemon.pid');
    expect((await home.run(['status'])).out).toMatch(`daemon: not running (stale pid file at ${file}; pid=${pid})\n`);
    expect(await home.run(['stop'])).toMatchObject({
      exitCode: 0,
      out: `daemon: not running (stale pid file at ${file})\n`,
    });
    expect(await exists(file)).toBe(false);
  });
});
