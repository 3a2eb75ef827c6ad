import { describe, expect, it } from 'vitest';
import type { DaemonConfig, RuntimeConfig } from './agent-config.ts';
import { readAgentConfig } from './read-agent-config.ts';
import { readDaemonConfig } from './read-daemon-config.ts';
import { resolveApiKey, resolveHarness, resolveModel, resolveProvider } from './runtime-defaults.ts';

const plainDaemon = readDaemonConfig(undefined).config;
const fullDaemon: DaemonConfig = {
  ...plainDaemon,
  defaultProvider: 'google',
  providers: {
    anthropic: { apiKey: 'a-key', model: 'a-model' },
    openai: { apiKey: '', model: 'o-model' },
    google: { apiKey: 'g-key', model: 'g-model' },
  },
};

function runtime(changes: Partial<RuntimeConfig>): RuntimeConfig {
  const reading = readAgentConfig(undefined, { id: 'x' });
  if (reading.kind !== 'valid') throw new Error('unreachable');
  return { ...reading.config.runtime, ...changes };
}

describe('provider', () => {
  it.each<[string, Partial<RuntimeConfig>, string]>([
    ['its own one', { provider: 'openai' }, 'openai'],
    ['that of the daemon for chat-local', {}, 'google'],
    ['anthropic for sdk-local, whatever is written', { kind: 'sdk-local', provider: 'openai' }, 'anthropic'],
    ['the one of its harness', { kind: 'cli-docker', harness: 'gemini-cli' }, 'google'],
    ['anthropic without any hint', { kind: 'cli-local' }, 'anthropic'],
  ])('is %s', (_name, changes, provider) => {
    expect(resolveProvider(runtime(changes), fullDaemon)).toBe(provider);
  });
});

describe('harness', () => {
  it.each<[Partial<RuntimeConfig>, string]>([
    [{}, 'claude-code'],
    [{ provider: 'google' }, 'gemini-cli'],
    [{ provider: 'openai' }, 'codex'],
    [{ provider: 'openai', harness: 'hermes' }, 'hermes'],
  ])('of %j is %s', (changes, harness) => {
    expect(resolveHarness(runtime(changes))).toBe(harness);
  });
});

describe('model', () => {
  it.each<[string, Partial<RuntimeConfig>, DaemonConfig, string]>([
    ['its own one', { provider: 'anthropic', model: 'm' }, fullDaemon, 'm'],
    ['that of the daemon', { provider: 'anthropic' }, fullDaemon, 'a-model'],
    ['claude-sonnet-4-6 at last', {}, plainDaemon, 'claude-sonnet-4-6'],
    ['gpt-4o for openai', { provider: 'openai' }, plainDaemon, 'gpt-4o'],
    ['left to Claude Code', { kind: 'cli-local' }, plainDaemon, ''],
    ['the context size too for Claude Code', { kind: 'cli-local', model: 'opus[1m]' }, plainDaemon, 'opus[1m]'],
    [
      'that of google for gemini-cli, not of anthropic',
      { kind: 'cli-docker', provider: 'google' },
      fullDaemon,
      'g-model',
    ],
    ['gemini-2.5-pro for gemini-cli', { kind: 'cli-docker', harness: 'gemini-cli' }, plainDaemon, 'gemini-2.5-pro'],
    ['left to Codex', { kind: 'cli-local', harness: 'codex' }, fullDaemon, ''],
    [
      'anthropic/claude-opus-4-6 for hermes',
      { kind: 'cli-docker', harness: 'hermes' },
      plainDaemon,
      'anthropic/claude-opus-4-6',
    ],
    [
      'with its provider for hermes',
      { kind: 'cli-docker', harness: 'hermes', provider: 'openai', model: 'gpt[1m]' },
      plainDaemon,
      'openai/gpt',
    ],
    ['as written for hermes with a slash', { kind: 'cli-docker', harness: 'hermes', model: 'x/y' }, plainDaemon, 'x/y'],
  ])('is %s', (_name, changes, daemon, model) => {
    expect(resolveModel(runtime(changes), daemon)).toBe(model);
  });
});

describe('key', () => {
  const environment = { ANTHROPIC_API_KEY: 'env-a', OPENAI_API_KEY: 'env-o', GOOGLE_API_KEY: 'env-g' };

  it.each<[string, Partial<RuntimeConfig>, DaemonConfig, string]>([
    ['of the agent first', { provider: 'anthropic', apiKey: 'own' }, fullDaemon, 'own'],
    ['of the daemon next', { provider: 'anthropic' }, fullDaemon, 'a-key'],
    ['of the environment at last', { provider: 'openai' }, fullDaemon, 'env-o'],
    ['of the second variable of google', { provider: 'google' }, plainDaemon, 'env-g'],
  ])('is that %s', (_name, changes, daemon, apiKey) => {
    expect(resolveApiKey({ runtime: runtime(changes), daemon, environment })).toBe(apiKey);
  });
});
