// What an agent that says nothing gets: provider, then harness, then key and model, agent before daemon before environment.
// spec: runtimes 1.3, daemon-and-cli 1.4, D-26
import type { DaemonConfig, Provider, RuntimeConfig } from './agent-config.ts';
import { PROVIDERS } from './agent-config.ts';
import { providersOf } from './check-runtime.ts';

export const DEFAULT_MODELS: Readonly<Record<Provider, string>> = {
  anthropic: 'claude-sonnet-4-6',
  openai: 'gpt-4o',
  google: 'gemini-2.5-pro',
};

const HERMES_MODELS: Readonly<Record<Provider, string>> = {
  anthropic: 'anthropic/claude-opus-4-6',
  openai: 'openai/gpt-4o',
  google: '',
};

const DEFAULT_HARNESSES: Readonly<Record<Provider, string>> = {
  anthropic: 'claude-code',
  openai: 'codex',
  google: 'gemini-cli',
};

/** Variables that hold a key, the first one that is set wins. */
export const KEY_VARIABLES: Readonly<Record<Provider, readonly string[]>> = {
  anthropic: ['ANTHROPIC_API_KEY'],
  openai: ['OPENAI_API_KEY'],
  google: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
};

/** Of a context window, as in `claude-opus-4-7[1m]`: only Claude Code understands it. */
const CONTEXT_SUFFIX = /\[[^\]]*\]$/;

type Choice = Pick<RuntimeConfig, 'kind' | 'provider' | 'harness'>;

export function resolveProvider(runtime: Choice, daemon: Pick<DaemonConfig, 'defaultProvider'>): Provider {
  if (runtime.kind === 'sdk-local') return 'anthropic';
  if (runtime.provider !== '') return runtime.provider;
  if (runtime.kind === 'chat-local') return PROVIDERS.find((each) => each === daemon.defaultProvider) ?? 'anthropic';
  return providersOf(runtime.harness)[0] ?? 'anthropic';
}

/** Only the two `cli-*` kinds have one. */
export function resolveHarness({ provider, harness }: Pick<RuntimeConfig, 'provider' | 'harness'>): string {
  if (harness !== '') return harness;
  return provider === '' ? DEFAULT_HARNESSES.anthropic : DEFAULT_HARNESSES[provider];
}

/** Empty: the program that runs the model chooses. */
export function resolveModel(runtime: Choice & Pick<RuntimeConfig, 'model'>, daemon: DaemonConfig): string {
  const provider = resolveProvider(runtime, daemon);
  const { kind, model } = runtime;
  if (kind === 'chat-local' || kind === 'sdk-local') {
    return firstOf(model, daemon.providers[provider].model, DEFAULT_MODELS[provider]);
  }
  const harness = resolveHarness(runtime);
  if (harness === 'claude-code') return firstOf(model, daemon.providers.anthropic.model);
  // What `config` stores for OpenAI is meant for the API, and Codex does not offer it.
  if (harness === 'codex') return withoutSuffix(model);
  if (harness === 'gemini-cli')
    return withoutSuffix(firstOf(model, daemon.providers.google.model, DEFAULT_MODELS.google));
  const name = withoutSuffix(firstOf(model, daemon.providers[provider].model, HERMES_MODELS[provider]));
  return name === '' || name.includes('/') ? name : `${provider}/${name}`;
}

export interface KeySources {
  readonly runtime: Choice & Pick<RuntimeConfig, 'apiKey'>;
  readonly daemon: DaemonConfig;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Secret. Empty: there is none. */
export function resolveApiKey({ runtime, daemon, environment }: KeySources): string {
  const provider = resolveProvider(runtime, daemon);
  const variables = KEY_VARIABLES[provider].map((name) => environment[name] ?? '');
  return firstOf(runtime.apiKey, daemon.providers[provider].apiKey, ...variables);
}

function firstOf(...texts: readonly string[]): string {
  return texts.find((text) => text !== '') ?? '';
}

function withoutSuffix(model: string): string {
  return model.replace(CONTEXT_SUFFIX, '');
}
