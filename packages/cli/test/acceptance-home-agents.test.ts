// The acceptance statements for looking at agents and changing them, by their numbers. spec: daemon-and-cli 9.1
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAgentHome, createFixtureHome } from './kit/agent-home.ts';
import { createX, exists, fieldOf, HELPER, readWithPyYaml } from './kit/look-at-home.ts';

describe('looking at agents', () => {
  it('18: agent list without agents, and with agents that were never started', async () => {
    await using home = await createAgentHome();
    expect(await home.run(['agent', 'list'])).toMatchObject({ exitCode: 0, out: '(no agents registered)\n' });
    for (const id of ['zeta', 'alpha']) await home.run(['agent', 'create', '--id', id, '--api-key', 'k']);
    const { out } = await home.run(['agent', 'list']);
    expect(out).toBe(
      [
        'ID                        DISPLAY             STATE     RUNTIME               MSGS  UPTIME',
        '-'.repeat(100),
        'alpha                     alpha               running   no data                  0  —',
        'zeta                      zeta                running   no data                  0  —',
        '',
      ].join('\n'),
    );
  });

  it('19: long names are cut to 17 characters and an ellipsis; CJK and emoji survive a save and load unescaped', async () => {
    await using home = await createAgentHome();
    await createX(home, '--display-name', '1234567890123456789');
    expect((await home.run(['agent', 'list'])).out).toContain('  12345678901234567…  running');
    await home.run(['agent', 'rename', 'x', '名前 😀 é']);
    expect(await home.read('agents', 'x', 'agent.yml')).toContain('display_name: 名前 😀 é\n');
    expect((await home.run(['agent', 'show', 'x'])).out).toContain('display_name:    名前 😀 é\n');
  });

  it('20: agent show prints the labels, never the key; agent show nope exits 2', async () => {
    await using home = await createFixtureHome();
    const { out } = await home.run(['agent', 'show', HELPER]);
    const labels = out.split('\n').map((line) => /^ *[a-z_]+:/.exec(line)?.[0].trim());
    expect(labels).toEqual([
      'id:',
      'display_name:',
      'state:',
      'directory:',
      'profile:',
      'memory_dir:',
      'workspace_dir:',
      'puffo_core:',
      'server_url:',
      'slug:',
      'device_id:',
      'space_id:',
      'claude_dir:',
      'runtime:',
      'kind:',
      'provider:',
      'model:',
      'api_key:',
      'triggers:',
      'status:',
      'status:',
      'health:',
      'msg_count:',
      'last_event_at:',
      'updated_at:',
      undefined,
    ]);
    expect(out).toContain(`directory:       ${home.in('agents', HELPER)}\n`);
    expect(out).toContain('  api_key:       (set)\n');
    expect(out).not.toContain('golden');
    expect(await home.run(['agent', 'show', 'nope'])).toMatchObject({
      exitCode: 2,
      problems: "error: agent 'nope' not found\n",
    });
  });
});

describe('changing agents', () => {
  it('21: pause sets state: paused, again says so and leaves the file byte-identical; resume reverses', async () => {
    await using home = await createFixtureHome();
    const file = home.in('agents', HELPER, 'agent.yml');
    const original = await readFile(file, 'utf8');
    expect((await home.run(['agent', 'pause', HELPER])).out).toBe(`agent '${HELPER}' state set to paused\n`);
    const paused = await readFile(file, 'utf8');
    expect(paused).toBe(original.replace('state: running', 'state: paused'));
    await utimes(file, 1000, 2000);
    expect((await home.run(['agent', 'pause', HELPER])).out).toBe(`agent '${HELPER}' already paused\n`);
    expect([await readFile(file, 'utf8'), (await stat(file)).mtimeMs]).toEqual([paused, 2_000_000]);
    expect((await home.run(['agent', 'resume', HELPER])).exitCode).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(original);
  });

  it('22: rename stores the trimmed name; a blank name exits 2', async () => {
    await using home = await createAgentHome();
    await createX(home);
    expect((await home.run(['agent', 'rename', 'x', '  New 名前 '])).out).toContain('New 名前');
    expect(fieldOf(await home.read('agents', 'x', 'agent.yml'), 'display_name')).toBe('New 名前');
    const blank = { exitCode: 2, problems: 'error: display_name cannot be empty\n' };
    expect(await home.run(['agent', 'rename', 'x', '  '])).toMatchObject(blank);
    expect(await home.run(['agent', 'rename', 'nope', '  '])).toMatchObject(blank);
  });

  it.each([
    [['--max-turns', '0'], /max_turns/],
    [['--kind', 'cli-local', '--harness', 'gemini-cli', '--provider', 'anthropic'], /gemini-cli.*anthropic/],
  ])('23: runtime %j exits 2 and the file is unchanged', async (options, problem) => {
    await using home = await createAgentHome();
    await createX(home);
    const yaml = await home.read('agents', 'x', 'agent.yml');
    const { exitCode, problems } = await home.run(['agent', 'runtime', 'x', ...options]);
    expect(exitCode).toBe(2);
    expect(problems).toMatch(problem);
    expect(await home.read('agents', 'x', 'agent.yml')).toBe(yaml);
  });

  it('24: runtime --allowed-tools stores a list, and empty values clear', async () => {
    await using home = await createAgentHome();
    await createX(home);
    const yaml = await home.read('agents', 'x', 'agent.yml');
    const { out } = await home.run(['agent', 'runtime', 'x', '--allowed-tools', 'Read, Edit', '--model', 'm']);
    expect(out).toBe(`agent 'x' runtime updated:\n  kind=chat-local model=m\n  allowed_tools=["Read","Edit"]\n`);
    expect(await home.read('agents', 'x', 'agent.yml')).toContain(
      '  allowed_tools:\n  - Read\n  - Edit\n  docker_image',
    );
    expect((await home.run(['agent', 'runtime', 'x', '--allowed-tools', '', '--model', ''])).exitCode).toBe(0);
    expect(await home.read('agents', 'x', 'agent.yml')).toBe(yaml);
  });

  it('25: runtime without options prints the block and does not touch the file', async () => {
    await using home = await createAgentHome();
    await createX(home);
    const file = home.in('agents', 'x', 'agent.yml');
    await utimes(file, 1000, 2000);
    expect((await home.run(['agent', 'runtime', 'x'])).out).toBe(`id:              x
runtime:
  kind:             chat-local
  provider:         (default)
  harness:          claude-code  (cli-local / cli-docker only)
  model:            (default)
  api_key:          (set)
  allowed_tools:    []
  docker_image:     (bundled default)
  permission_mode:  bypassPermissions  (cli-local only)
  max_turns:        10  (sdk-local only)
`);
    expect((await stat(file)).mtimeMs).toBe(2_000_000);
  });

  it('26: kind: chat-only lists normally, warns with agent and both spellings, and is chat-local after the next save', async () => {
    await using home = await createAgentHome();
    await createX(home);
    const file = home.in('agents', 'x', 'agent.yml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('kind: chat-local', 'kind: chat-only'));
    const { out, problems } = await home.run(['agent', 'list']);
    expect(out).toMatch(/^x +x +running +no data/m);
    expect(problems).toMatch(/^warning: agent 'x': .*'chat-only'.*'chat-local'/);
    await home.run(['agent', 'pause', 'x']);
    expect(fieldOf(await readFile(file, 'utf8'), 'kind')).toBe('chat-local');
    expect((await home.run(['agent', 'list'])).problems).toBe('');
  });

  it('27: comments and unknown keys in agent.yml and daemon.yml survive pause, runtime and config', async () => {
    await using home = await createAgentHome();
    await mkdir(home.in('agents', 'x'), { recursive: true });
    const agent =
      '# mine\nid: x\nrole: tester  # of a later version\nruntime:\n  # how\n  kind: chat-local\n  sandbox: strict\nstate: running # now\n';
    const daemon =
      '# ours\nserver:\n  url: old  # gone\ncovers_renotice: 5\nanthropic:\n  cli_use_api_key: true # later\n';
    await writeFile(home.in('agents', 'x', 'agent.yml'), agent);
    await writeFile(home.in('daemon.yml'), daemon);
    await home.run(['agent', 'pause', 'x']);
    await home.run(['agent', 'runtime', 'x', '--model', 'm']);
    await home.run(['config'], { input: '\nkey-1\n\n\n' });
    expect(await home.read('agents', 'x', 'agent.yml')).toBe(
      agent.replace('state: running', 'state: paused').replace('sandbox: strict', 'sandbox: strict\n  model: m'),
    );
    expect(await home.read('daemon.yml')).toBe(`${daemon}  api_key: key-1\n  model: claude-sonnet-4-6\n`);
  });

  it('28: on_dm: no is read as false', async () => {
    await using home = await createAgentHome();
    await createX(home);
    const file = home.in('agents', 'x', 'agent.yml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('on_dm: true', 'on_dm: no'));
    expect((await home.run(['agent', 'show', 'x'])).out).toContain('on_mention=true on_dm=false');
  });

  it.each(['yes', '123', '12:30', '0123', 'null', '1_000', '2024-01-01', '~', '.inf', '=', '0x1f', '名前'])(
    '28: %j written by this tool is the same text for a YAML 1.1 parser',
    async (text) => {
      await using home = await createAgentHome();
      await createX(home, '--model', text, '--display-name', text);
      const yaml = await home.read('agents', 'x', 'agent.yml');
      const read = readWithPyYaml(yaml);
      if (read === undefined) {
        // No python3 with PyYAML on this machine: by the table of the specification, such words need quotation marks.
        expect(fieldOf(yaml, 'model')).toBe(text === '名前' ? text : `'${text}'`);
      } else {
        expect(read).toMatchObject({ display_name: text, runtime: { model: text }, triggers: { on_dm: true } });
      }
      expect((await home.run(['agent', 'show', 'x', '--json'])).out).toContain(`"display_name":"${text}"`);
    },
  );

  it.each([
    [['show', 'x'], 0],
    [['list'], 0],
    [['pause', 'x'], 0],
    [['rename', 'x', 'n'], 0],
    [['runtime', 'x'], 0],
    [['runtime', 'x', '--model', 'm'], 2],
    [['runtime', 'x', '--provider', 'anthropic'], 0],
    [['archive', 'x'], 0],
    [['export', 'x', 'out'], 0],
  ])('29: with an invalid triple in the file, agent %j exits %d without a stack trace', async (args, expected) => {
    await using home = await createAgentHome();
    await createX(home);
    const file = home.in('agents', 'x', 'agent.yml');
    const yaml = await readFile(file, 'utf8');
    await writeFile(
      file,
      yaml.replace('kind: chat-local', 'kind: cli-local').replace("provider: ''", 'provider: openai'),
    );
    const { exitCode, problems } = await home.run(['agent', ...args]);
    expect(exitCode).toBe(expected);
    expect(problems).not.toMatch(/\n\s+at |defect/);
    expect(problems.split('\n').filter((line) => line.startsWith('error:'))).toHaveLength(expected === 0 ? 0 : 1);
  });
});

describe('archiving and exporting', () => {
  it('30: archive moves the directory to archived/x-YYYYMMDD-HHMMSS and prints it; the copy has state: paused', async () => {
    await using home = await createAgentHome();
    await createX(home);
    const { exitCode, out } = await home.run(['agent', 'archive', 'x']);
    expect(exitCode).toBe(0);
    const [name = ''] = await readdir(home.in('archived'));
    expect(name).toMatch(/^x-\d{8}-\d{6}$/);
    expect(out).toBe(
      `flipped 'x' to paused; waiting for daemon to release it...\narchived 'x' → ${home.in('archived', name)}\n`,
    );
    expect(fieldOf(await home.read('archived', name, 'agent.yml'), 'state')).toBe('paused');
    expect(await exists(home.in('agents', 'x'))).toBe(false);
  });

  it('31: that takes under 2 s, also when the record still says that a worker runs', async () => {
    await using home = await createFixtureHome();
    await writeFile(home.in('agents', HELPER, 'runtime.json'), '{"status": "running", "updated_at": 9999999999}');
    // Whoever waited for this record to change would give up in the end, and say so: without a daemon nobody changes it.
    expect(await home.run(['agent', 'archive', HELPER])).toMatchObject({ exitCode: 0, problems: '' });
  });

  it('32: export x out creates out.zip in the current directory with entries below x/, no *.tmp', async () => {
    await using home = await createAgentHome();
    await createX(home);
    await writeFile(home.in('agents', 'x', 'notes.tmp'), 'draft');
    const { exitCode, out } = await home.spawn(['agent', 'export', 'x', 'out']);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: `exported 'x' → ${join(home.folder, 'out.zip')}\n` });
    const names = namesInZip(await readFile(join(home.folder, 'out.zip')));
    expect(names.toSorted()).toEqual(['x/agent.yml', 'x/profile.md']);
  });

  it('33: the ZIP has no private key, API key or OAuth token unless asked for, and out.v1 becomes out.v1.zip', async () => {
    await using home = await createFixtureHome();
    const tokens = join(home.folder, 'host.json');
    await writeFile(tokens, '{"accessToken": "oauth-token-1"}');
    await mkdir(home.in('agents', HELPER, '.claude'));
    await symlink(tokens, home.in('agents', HELPER, '.claude', '.credentials.json'));
    await home.run(['agent', 'export', HELPER, 'out.v1']);
    const names = namesInZip(await readFile(join(home.folder, 'out.v1.zip')));
    expect(names).toContain(`${HELPER}/messages.db`);
    expect(names.filter((name) => /keys|credentials/.test(name))).toEqual([]);
    const { problems } = await home.run(['agent', 'export', HELPER, 'all', '--include-secrets']);
    expect(problems).toMatch(/^warning: the file holds keys and tokens/);
    const all = namesInZip(await readFile(join(home.folder, 'all.zip')));
    expect(all.filter((name) => /keys|credentials/.test(name))).toHaveLength(2);
  });

  function namesInZip(zip: Buffer): string[] {
    const names: string[] = [];
    for (
      let at = zip.indexOf('PK\u0001\u0002', 0, 'latin1');
      at !== -1;
      at = zip.indexOf('PK\u0001\u0002', at + 4, 'latin1')
    ) {
      names.push(zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28)));
    }
    return names;
  }
});

describe('agent edit', () => {
  it('34: EDITOR=true exits 0; a non-existent editor exits 2', async () => {
    await using home = await createAgentHome();
    await createX(home);
    home.env['EDITOR'] = 'true';
    expect((await home.spawn(['agent', 'edit', 'x'])).exitCode).toBe(0);
    home.env['EDITOR'] = 'no-such-editor';
    const problems = "error: editor 'no-such-editor' not found. Set $EDITOR and retry.\n";
    expect(await home.spawn(['agent', 'edit', 'x'])).toMatchObject({ exitCode: 2, problems });
  });

  it('35: EDITOR="sh -c true" exits 0', async () => {
    await using home = await createAgentHome();
    await createX(home);
    home.env['EDITOR'] = 'sh -c true';
    expect((await home.spawn(['agent', 'edit', 'x'])).exitCode).toBe(0);
  });
});
