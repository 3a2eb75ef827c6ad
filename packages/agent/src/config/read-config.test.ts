import { describe, expect, it } from 'vitest';
import type { AgentConfig } from './agent-config.ts';
import { isConfigured } from './is-configured.ts';
import { needsRestart } from './needs-restart.ts';
import { readAgentConfig } from './read-agent-config.ts';
import { readDaemonConfig } from './read-daemon-config.ts';
import type { YamlNode } from './yaml-node.ts';

type Plain = string | readonly Plain[] | { readonly [name: string]: Plain };

/** Plain scalars, as somebody types them; `'text'` in quotation marks is text. */
function yaml(value: Plain): YamlNode {
  if (typeof value === 'string') {
    const isQuoted = /^'.*'$/.test(value);
    return { kind: 'scalar', text: isQuoted ? value.slice(1, -1) : value, isPlain: !isQuoted };
  }
  if (Array.isArray(value)) return { kind: 'list', items: value.map(yaml) };
  return { kind: 'map', members: new Map(Object.entries(value).map(([name, member]) => [name, yaml(member)])) };
}

function read(value: Plain) {
  return readAgentConfig(yaml(value), { id: 'x' });
}

function readValid(value: Plain): AgentConfig {
  const reading = read(value);
  if (reading.kind === 'invalid') throw new Error(reading.reason);
  return reading.config;
}

describe('readAgentConfig', () => {
  it('gives an empty file every default', () => {
    const reading = readAgentConfig(undefined, { id: 'x' });
    expect(reading.warnings).toEqual([]);
    expect(reading.draft).toEqual({
      id: 'x',
      state: 'running',
      displayName: '',
      avatarUrl: '',
      createdAt: 0,
      puffoCore: { serverUrl: 'https://api.puffo.ai', slug: '', deviceId: '', spaceId: '', operatorSlug: '' },
      runtime: {
        kind: 'chat-local',
        provider: '',
        model: '',
        apiKey: '',
        baseUrl: '',
        allowedTools: [],
        dockerImage: '',
        dockerMemoryLimit: '',
        dockerMemoryReservation: '',
        permissionMode: 'bypassPermissions',
        harness: '',
        maxTurns: 10,
        offline: false,
        tools: false,
        idleShutdownMinutes: 10,
      },
      profile: 'profile.md',
      memoryDir: 'memory',
      workspaceDir: 'workspace',
      triggers: { onMention: true, onDm: true, onChannel: true, channels: {} },
    });
  });

  it('takes the text that is written for fields of text', () => {
    const { puffoCore, displayName, runtime } = readValid({
      display_name: '0123',
      puffo_core: { slug: 'yes', device_id: '12:30', space_id: '1e3', server_url: '' },
      runtime: { model: '2024-01-01', api_key: 'null', docker_image: '~' },
    });
    expect(displayName).toBe('0123');
    expect(puffoCore).toMatchObject({
      slug: 'yes',
      deviceId: '12:30',
      spaceId: '1e3',
      serverUrl: 'https://api.puffo.ai',
    });
    expect(runtime).toMatchObject({ model: '2024-01-01', apiKey: '', dockerImage: '' });
  });

  it.each([
    ['yes', true],
    ['On', true],
    ['TRUE', true],
    ['1', true],
    ["'true'", true],
    ['no', false],
    ['off', false],
    ['False', false],
    ['0', false],
    ['null', true],
    ['', true],
  ])('reads on_dm: %s as %s', (text, flag) => {
    expect(readValid({ triggers: { on_dm: text } }).triggers.onDm).toBe(flag);
  });

  it('warns of a word that is no truth value, and keeps the default', () => {
    const reading = read({ triggers: { on_dm: 'perhaps' } });
    expect(reading.draft.triggers.onDm).toBe(true);
    expect(reading.warnings).toEqual(["agent 'x': 'triggers.on_dm' is 'perhaps', not true or false: true is used"]);
  });

  it.each([
    ['12', 12],
    ["'12'", 12],
    ['0123', 83],
    ['0x1f', 31],
    ['0b101', 5],
    ['1_000', 1000],
    ['12:30', 750],
    ['1e3', 1000],
    ['7.9', 7],
    ['~', 10],
    ['-5', 10],
    ['many', 10],
  ])('reads max_turns: %s as %d', (text, value) => {
    expect(readValid({ runtime: { max_turns: text } }).runtime.maxTurns).toBe(value);
  });

  it.each<[string, Plain, readonly string[]]>([
    ['a list', ['Read', 'Edit'], ['Read', 'Edit']],
    ['one text', 'Read', ['Read']],
    ['null', 'null', []],
  ])('reads allowed_tools from %s', (_name, value, tools) => {
    expect(readValid({ runtime: { allowed_tools: value } }).runtime.allowedTools).toEqual(tools);
  });

  it('reads an old kind as the current one, with one warning that names both', () => {
    const reading = read({ runtime: { kind: 'chat-only' } });
    expect(reading).toMatchObject({ kind: 'valid', config: { runtime: { kind: 'chat-local' } } });
    expect(reading.warnings).toEqual([
      "agent 'x': runtime.kind 'chat-only' is an old name of 'chat-local' and is read as that",
    ]);
  });

  it('trusts the folder, not the file, for the id', () => {
    const reading = read({ id: 'other' });
    expect(reading.draft.id).toBe('x');
    expect(reading.warnings).toEqual(["agent 'x': the file says id 'other'; the name of its folder counts"]);
  });

  it('keeps a state that it does not know', () => {
    expect(readValid({ state: 'banana' }).state).toBe('banana');
  });

  it('gives a reason that names the agent, and still a draft, when the runtime cannot be', () => {
    const reading = read({
      display_name: 'Bot',
      runtime: { kind: 'cli-local', provider: 'openai', harness: 'claude-code' },
    });
    expect(reading).toMatchObject({
      kind: 'invalid',
      reason:
        "agent 'x': invalid runtime config — harness 'claude-code' cannot use provider 'openai'; it supports: anthropic",
      draft: { displayName: 'Bot', runtime: { kind: 'cli-local', provider: 'openai' } },
    });
  });

  it.each<[string, Plain, string]>([
    ['a section that is no mapping', { runtime: 'fast' }, "'runtime' is not a mapping"],
    ['a file that is a list', ['a'], 'the file is not a mapping'],
    ['a list in place of a text', { profile: ['a'] }, "'profile' is a list, not one value"],
    [
      'a mapping in place of a list',
      { runtime: { allowed_tools: { a: 'b' } } },
      "'runtime.allowed_tools' is a mapping, not a list",
    ],
  ])('refuses %s', (_name, value, reason) => {
    expect(read(value)).toMatchObject({ kind: 'invalid', reason: `agent 'x': invalid agent.yml — ${reason}` });
  });

  it('reads rules for channels, where off is a word and not a truth value', () => {
    const reading = read({
      triggers: { on_channel: 'false', channels: { ch_1: 'all', ch_2: 'off', ch_3: 'mention', ch_4: 'loud' } },
    });
    expect(reading.draft.triggers).toMatchObject({
      onChannel: false,
      channels: { ch_1: 'all', ch_2: 'off', ch_3: 'mention' },
    });
    expect(reading.draft.triggers.channels).not.toHaveProperty('ch_4');
    expect(reading.warnings).toHaveLength(1);
  });

  it('ignores what later versions add', () => {
    const reading = read({
      role: 'r',
      desired_skills: ['a'],
      env_overrides: { A: 'b' },
      puffo_core: { auto_accept_dm: 'true', sandbox_token: 't' },
      runtime: { inference_level: 'high', llm_base_url: 'u', sandbox: 's', task_timeout_seconds: '5' },
    });
    expect(reading).toMatchObject({ kind: 'valid', warnings: [] });
  });
});

describe('readDaemonConfig', () => {
  it('gives defaults without a file', () => {
    const { config, warnings, problem } = readDaemonConfig(undefined);
    expect({ warnings, problem }).toEqual({ warnings: [], problem: undefined });
    expect(config).toMatchObject({
      defaultProvider: 'anthropic',
      reconcileIntervalSeconds: 2,
      runtimeHeartbeatSeconds: 5,
      dockerMemoryLimit: '1.5g',
      dockerMemoryReservation: '500m',
      bridge: { enabled: true, bindHost: '127.0.0.1', port: 63387 },
      dataService: { enabled: true, bindHost: '127.0.0.1', port: 63386 },
      messageRetentionDays: 0,
      embeddedServer: { enabled: false, port: 0 },
    });
    expect(config.bridge.allowedOrigins).toHaveLength(3);
  });

  it('knows a server of the home only when the file says so, on a port that there is', () => {
    const read = (port: string) => readDaemonConfig(yaml({ embedded_server: { enabled: 'true', port } })).config;
    expect(read('8787').embeddedServer).toEqual({ enabled: true, port: 8787 });
    expect(read('70000').embeddedServer).toEqual({ enabled: true, port: 0 });
  });

  it('raises intervals to what the daemon can do, and takes an empty list of origins for the default', () => {
    const { config } = readDaemonConfig(
      yaml({ reconcile_interval_seconds: '0.1', runtime_heartbeat_seconds: '0', bridge: { allowed_origins: [] } }),
    );
    expect(config).toMatchObject({ reconcileIntervalSeconds: 0.5, runtimeHeartbeatSeconds: 1 });
    expect(config.bridge.allowedOrigins).toContain('https://chat.puffo.ai');
  });

  it.each([
    ['30', 30],
    ['0', 0],
    ['-1', 0],
    ['never', 0],
  ])('reads message_retention_days: %s as %d', (text, days) => {
    expect(readDaemonConfig(yaml({ message_retention_days: text })).config.messageRetentionDays).toBe(days);
  });

  it('ignores what it does not know, and says when a section has the wrong shape', () => {
    expect(readDaemonConfig(yaml({ server: { url: 'x' }, rpc_service: {} })).problem).toBeUndefined();
    expect(readDaemonConfig(yaml({ anthropic: 'key' })).problem).toBe("'anthropic' is not a mapping");
  });
});

describe('isConfigured', () => {
  const complete = { serverUrl: 'u', slug: 's', deviceId: 'd', spaceId: 'p', operatorSlug: '' };

  it('needs all but the operator', () => {
    expect(isConfigured(complete)).toBe(true);
  });

  it.each(['serverUrl', 'slug', 'deviceId', 'spaceId'])('misses %s', (name) => {
    expect(isConfigured({ ...complete, [name]: '' })).toBe(false);
  });
});

describe('needsRestart', () => {
  const before = readValid({});

  it.each<[string, Partial<AgentConfig>]>([
    ['the address of the server', { puffoCore: { ...before.puffoCore, serverUrl: 'other' } }],
    ['the operator', { puffoCore: { ...before.puffoCore, operatorSlug: 'alice' } }],
    ['whether it is offline', { runtime: { ...before.runtime, offline: true } }],
    ['the model', { runtime: { ...before.runtime, model: 'm' } }],
    ['the tools', { runtime: { ...before.runtime, allowedTools: ['Read'] } }],
    ['the path of the profile', { profile: 'other.md' }],
    ['the folder of the memory', { memoryDir: 'm' }],
    ['the folder of the workspace', { workspaceDir: 'w' }],
  ])('is true when %s changed', (_name, changes) => {
    expect(needsRestart(before, { ...before, ...changes })).toBe(true);
  });

  it.each<[string, Partial<AgentConfig>]>([
    ['nothing', {}],
    ['the name', { displayName: 'n' }],
    ['the picture', { avatarUrl: 'a' }],
    ['the triggers', { triggers: { ...before.triggers, onDm: false } }],
    [
      'the order of members only',
      { runtime: Object.fromEntries(Object.entries(before.runtime).toReversed()) as never },
    ],
  ])('is false when %s changed', (_name, changes) => {
    expect(needsRestart(before, { ...before, ...changes })).toBe(false);
  });
});
