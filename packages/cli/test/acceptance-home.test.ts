// The acceptance statements for a home and its commands without a daemon, by their numbers: where the home is, the line,
// making agents. spec: daemon-and-cli 9.1
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createAgentHome, PROGRAM } from './kit/agent-home.ts';
import { createX, exists, fieldOf, listAll } from './kit/look-at-home.ts';

const USAGE = /^usage: puffo-agent/;

describe('where the home is', () => {
  it('1: with PUFFO_AGENT_HOME=$H, status prints home: $H, exits 0 and creates nothing when $H does not exist', async () => {
    await using home = await createAgentHome();
    const { exitCode, out } = await home.spawn(['status']);
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: `daemon: not running\nhome: ${home.home}\nagents registered: 0\n`,
    });
    expect(await readdir(home.folder)).toEqual([]);
  });

  it('2: without the variable the home is ~/.puffo-agent; ~/x in the variable is expanded', async () => {
    await using home = await createAgentHome();
    home.env['PUFFO_AGENT_HOME'] = undefined;
    expect((await home.spawn(['status'])).out).toContain(`home: ${home.folder}/user/.puffo-agent\n`);
    home.env['PUFFO_AGENT_HOME'] = '~/x';
    expect((await home.spawn(['status'])).out).toContain(`home: ${home.folder}/user/x\n`);
  });

  it('3: a relative PUFFO_AGENT_HOME works the same after changing directory inside child processes', async () => {
    await using home = await createAgentHome();
    home.env['PUFFO_AGENT_HOME'] = 'home';
    await createX(home);
    const editor = join(home.folder, 'editor.sh');
    await writeFile(editor, `cd / && exec '${process.execPath}' '${PROGRAM}' status > '${home.folder}/seen'\n`);
    home.env['EDITOR'] = `sh ${editor}`;
    expect((await home.spawn(['agent', 'edit', 'x'])).exitCode).toBe(0);
    expect(await readFile(join(home.folder, 'seen'), 'utf8')).toContain(`home: ${home.home}\nagents registered: 1\n`);
  });

  it('4: setting only PUFFO_HOME does not change the home', async () => {
    await using home = await createAgentHome();
    home.env['PUFFO_AGENT_HOME'] = undefined;
    home.env['PUFFO_HOME'] = join(home.folder, 'elsewhere');
    const { out, problems } = await home.run(['status']);
    expect(out).toContain(`home: ${home.folder}/user/.puffo-agent\n`);
    expect(problems).toMatch(/^warning: PUFFO_HOME is set and has no effect/);
  });
});

describe('the command line', () => {
  it.each([[[]], [['bogus']], [['agent']], [['agent', 'create']], [['agent', 'create', 'bob']]])(
    '5: puffo-agent %j exits 2 with usage on stderr and empty stdout',
    async (args) => {
      await using home = await createAgentHome();
      const { exitCode, out, problems } = await home.spawn(args);
      expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
      expect(problems).toMatch(USAGE);
      expect(problems).toMatch(/^puffo-agent.*: error: .+$/m);
    },
  );

  it.each([[['--help']], [['agent', 'runtime', '--help']]])('6: puffo-agent %j exits 0', async (args) => {
    await using home = await createAgentHome();
    const { exitCode, out, problems } = await home.spawn(args);
    expect({ exitCode, problems }).toEqual({ exitCode: 0, problems: '' });
    expect(out).toMatch(USAGE);
  });

  it('6, changed on purpose: --version exits 0', async () => {
    await using home = await createAgentHome();
    expect(await home.spawn(['--version'])).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^puffo-agent \d/) as string,
    });
  });
});

describe('agent create', () => {
  it('7: creates exactly agents/x/agent.yml, agents/x/profile.md, agents/x/memory/', async () => {
    await using home = await createAgentHome();
    const { exitCode, out } = await home.spawn(['agent', 'create', '--id', 'x', '--api-key', 'k']);
    expect(exitCode).toBe(0);
    expect(out).toContain(`created agent 'x' at ${home.in('agents', 'x')}\n`);
    expect(await listAll(home.home)).toEqual([
      'agents',
      'agents/x',
      'agents/x/agent.yml',
      'agents/x/memory',
      'agents/x/profile.md',
    ]);
  });

  it('8: agent.yml has the documented values, and keys in the documented order', async () => {
    await using home = await createAgentHome();
    const before = Math.floor(Date.now() / 1000);
    await createX(home);
    const yaml = await home.read('agents', 'x', 'agent.yml');
    const createdAt = Number(fieldOf(yaml, 'created_at'));
    expect(createdAt).toBeGreaterThanOrEqual(before);
    expect(createdAt).toBeLessThanOrEqual(Date.now() / 1000);
    expect(yaml).toBe(`id: x
state: running
display_name: x
avatar_url: ''
created_at: ${createdAt}
puffo_core:
  server_url: https://api.puffo.ai
  slug: ''
  device_id: ''
  space_id: ''
  operator_slug: ''
runtime:
  kind: chat-local
  provider: ''
  model: ''
  api_key: k-secret-1
  allowed_tools: []
  docker_image: ''
  docker_memory_limit: ''
  docker_memory_reservation: ''
  permission_mode: bypassPermissions
  harness: claude-code
  max_turns: 10
profile: profile.md
memory_dir: memory
workspace_dir: workspace
triggers:
  on_mention: true
  on_dm: true
  on_channel: false
`);
  });

  it('9: a second one of the same id exits 2, stderr says it already exists, files unchanged', async () => {
    await using home = await createAgentHome();
    await createX(home);
    const yaml = await home.read('agents', 'x', 'agent.yml');
    const { exitCode, problems } = await home.run(['agent', 'create', '--id', 'x', '--api-key', 'other']);
    expect({ exitCode, problems }).toEqual({
      exitCode: 2,
      problems: `error: agent 'x' already exists at ${home.in('agents', 'x')}\n`,
    });
    expect(await home.read('agents', 'x', 'agent.yml')).toBe(yaml);
  });

  it.each([
    ['-bad', 2],
    ['a b', 2],
    ['', 2],
    ['x'.repeat(65), 2],
    ['x'.repeat(64), 0],
  ])('10: id %j exits %d', async (id, expected) => {
    await using home = await createAgentHome();
    const { exitCode, problems } = await home.run(['agent', 'create', `--id=${id}`, '--api-key', 'k']);
    expect(exitCode).toBe(expected);
    if (expected === 2) expect(problems).toMatch(/^error: invalid agent id '.*' \(alphanumerics, _ and -\)$/m);
    expect(await exists(home.in('agents'))).toBe(expected === 0);
  });

  it('11: an id ending in a newline is refused; agent export . and agent archive .. exit 2 and write nothing', async () => {
    await using home = await createAgentHome();
    expect((await home.run(['agent', 'create', '--id', 'x\n', '--api-key', 'k'])).exitCode).toBe(2);
    await createX(home);
    const before = await listAll(home.folder);
    expect(await home.run(['agent', 'export', '.', 'out'])).toMatchObject({
      exitCode: 2,
      problems: "error: agent '.' not found\n",
    });
    expect(await home.run(['agent', 'archive', '..'])).toMatchObject({
      exitCode: 2,
      problems: "error: agent '..' not found\n",
    });
    expect(await listAll(home.folder)).toEqual(before);
  });

  it('12: with an anthropic key in daemon.yml it asks nothing and stores an empty runtime.api_key', async () => {
    await using home = await createAgentHome();
    await mkdir(home.home);
    await writeFile(home.in('daemon.yml'), 'anthropic:\n  api_key: sk-daemon\n');
    home.env['ANTHROPIC_API_KEY'] = 'sk-environment';
    const { exitCode, out } = await home.run(['agent', 'create', '--id', 'y'], { world: noInput() });
    expect(exitCode).toBe(0);
    expect(out).not.toContain('API key');
    expect(fieldOf(await home.read('agents', 'y', 'agent.yml'), 'api_key')).toBe("''");
  });

  it.each([
    ['ANTHROPIC_API_KEY', 'ak', []],
    ['GEMINI_API_KEY', 'gk', ['--provider', 'google']],
  ])('13: without it but with %s=%s the stored key is that', async (variable, key, options) => {
    await using home = await createAgentHome();
    home.env[variable] = key;
    expect((await home.run(['agent', 'create', '--id', 'y', ...options], { world: noInput() })).exitCode).toBe(0);
    expect(fieldOf(await home.read('agents', 'y', 'agent.yml'), 'api_key')).toBe(key);
  });

  it('14: cli-docker never reads stdin', async () => {
    await using home = await createAgentHome();
    const result = await home.run(['agent', 'create', '--id', 'd', '--runtime', 'cli-docker'], { world: noInput() });
    expect(result.exitCode).toBe(0);
    expect(fieldOf(await home.read('agents', 'd', 'agent.yml'), 'api_key')).toBe("''");
  });

  it('15: with stdin closed and no key anywhere, chat-local creation exits 0 with an empty key', async () => {
    await using home = await createAgentHome();
    expect((await home.spawn(['agent', 'create', '--id', 'y'])).exitCode).toBe(0);
    expect(fieldOf(await home.read('agents', 'y', 'agent.yml'), 'api_key')).toBe("''");
  });

  it('16: --runtime cli-local --provider openai exits 2 and leaves no directory', async () => {
    await using home = await createAgentHome();
    const args = ['agent', 'create', '--id', 'q', '--runtime', 'cli-local', '--provider', 'openai'];
    expect(await home.run(args)).toMatchObject({
      exitCode: 2,
      problems: expect.stringMatching(/claude-code.*openai/) as string,
    });
    expect(await exists(home.in('agents', 'q'))).toBe(false);
    expect((await home.run([...args, '--harness', 'codex'])).exitCode).toBe(0);
  });

  it('17: --profile /does/not/exist exits 2', async () => {
    await using home = await createAgentHome();
    const args = ['agent', 'create', '--id', 'q', '--api-key', 'k', '--profile', '/does/not/exist'];
    expect(await home.run(args)).toMatchObject({
      exitCode: 2,
      problems: expect.stringContaining('/does/not/exist') as string,
    });
    expect(await exists(home.in('agents', 'q'))).toBe(false);
  });

  /** Standard input that would give an answer to whoever reads it. */
  function noInput() {
    return {
      stdin: new Readable({
        read() {
          this.push('an-answer\n');
        },
      }),
    };
  }
});
