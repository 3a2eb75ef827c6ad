import { describe, expect, it } from 'vitest';
import { readAgentConfig, readDaemonConfig } from '@puffo/agent/config';
import { parseYaml } from '../../src/home/parse-yaml.ts';
import { inheritsChange } from '../../src/supervisor/inherits-change.ts';

function treeOf(text: string) {
  const parse = parseYaml(text);
  if (parse.kind === 'damaged') throw new Error(parse.reason);
  return parse.tree;
}

function runtimeOf(text: string) {
  const reading = readAgentConfig(treeOf(`runtime: ${text}`), { id: 'x' });
  if (reading.kind === 'invalid') throw new Error(reading.reason);
  return reading.config.runtime;
}

const CHAT = '{ kind: chat-local, provider: anthropic }';
const DOCKER = '{ kind: cli-docker, provider: anthropic, harness: claude-code }';

describe('inheritsChange', () => {
  it.each<[string, string, string, boolean]>([
    ['a key that it has not', CHAT, 'anthropic: { api_key: k }', true],
    ['a model that it has not', CHAT, 'anthropic: { model: m }', true],
    ['the key of another provider', CHAT, 'openai: { api_key: k }', false],
    [
      'a key beside its own',
      '{ kind: chat-local, provider: anthropic, api_key: own }',
      'anthropic: { api_key: k }',
      false,
    ],
    ['the provider of those that name none', '{ kind: chat-local }', 'default_provider: openai', true],
    ['the provider, when it names one', CHAT, 'default_provider: openai', false],
    ['limits of containers', DOCKER, 'docker_memory_limit: 3g', true],
    [
      'limits of containers, when it has its own',
      `${DOCKER.slice(0, -1)}, docker_memory_limit: 1g }`,
      'docker_memory_limit: 3g',
      false,
    ],
    ['limits of containers, when it lives in none', CHAT, 'docker_memory_limit: 3g', false],
    ['an interval', CHAT, 'reconcile_interval_seconds: 9', false],
  ])('%s', (_name, runtime, after, expected) => {
    const change = {
      before: readDaemonConfig(undefined).config,
      after: readDaemonConfig(treeOf(after)).config,
      environment: {},
    };
    expect(inheritsChange(runtimeOf(runtime), change)).toBe(expected);
  });

  it('takes a key of the environment for one that is there', () => {
    const change = {
      before: readDaemonConfig(undefined).config,
      after: readDaemonConfig(treeOf('anthropic: { api_key: same }')).config,
      environment: { ANTHROPIC_API_KEY: 'same' },
    };
    expect(inheritsChange(runtimeOf(CHAT), change)).toBe(false);
  });
});
