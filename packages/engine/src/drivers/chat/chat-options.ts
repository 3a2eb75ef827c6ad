// What a chat engine is made of, and what it takes at most. Nothing is read from the environment: the SDKs would do so for
// whatever is left out, so nothing is. spec: runtimes 3.2-3.5
import { type Clock, systemClock } from '@puffo/base';
import { EngineError } from '../../spec/engine-error.ts';

/** `openai` speaks Chat Completions; `openai-compatible` the same to anybody's server. */
export type ChatProvider = 'anthropic' | 'openai' | 'openai-responses' | 'google' | 'openai-compatible';

export type ChatFetch = typeof globalThis.fetch;

export interface ChatEngineOptions {
  readonly provider: ChatProvider;
  readonly apiKey: string;
  /** With or without the version (`/v1`, `/v1beta`) at Anthropic and Google. Default: the provider's own. */
  readonly baseUrl?: string | undefined;
  /** Default: 8192 at Anthropic, which wants a number; elsewhere what the model can do. */
  readonly maxOutputTokens?: number | undefined;
  /** A provider that sends nothing for so long is given up on. */
  readonly silenceMs?: number | undefined;
  readonly fetch?: ChatFetch | undefined;
  readonly clock?: Clock | undefined;
}

export interface ChatSettings {
  readonly provider: ChatProvider;
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly maxOutputTokens: number | undefined;
  readonly silenceMs: number;
  readonly fetch: ChatFetch;
  readonly clock: Clock;
}

const SILENCE_MS = 120_000;
const ANTHROPIC_MAX_TOKENS = 8192;

const DEFAULT_BASE_URLS: Readonly<Record<Exclude<ChatProvider, 'openai-compatible'>, string>> = {
  anthropic: 'https://api.anthropic.com/v1',
  openai: 'https://api.openai.com/v1',
  'openai-responses': 'https://api.openai.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
};

/** What the addresses that people write down lack, because the providers' own programs add it. */
const VERSIONS: Readonly<Record<ChatProvider, string>> = {
  anthropic: '/v1',
  openai: '',
  'openai-responses': '',
  google: '/v1beta',
  'openai-compatible': '',
};

export function readChatOptions(options: ChatEngineOptions): ChatSettings {
  const { provider, apiKey, maxOutputTokens, silenceMs = SILENCE_MS } = options;
  requireKey(options);
  requirePositive('maxOutputTokens', maxOutputTokens ?? 1);
  requirePositive('silenceMs', silenceMs);
  return {
    provider,
    apiKey,
    baseUrl: readBaseUrl(options),
    maxOutputTokens: maxOutputTokens ?? (provider === 'anthropic' ? ANTHROPIC_MAX_TOKENS : undefined),
    silenceMs,
    fetch: options.fetch ?? globalThis.fetch,
    clock: options.clock ?? systemClock,
  };
}

/** Anything else cannot stand in a header, and the failure would quote it. */
const KEY_PATTERN = /^[\x21-\x7e]{1,4096}$/;

function requireKey({ provider, apiKey }: ChatEngineOptions): void {
  if (KEY_PATTERN.test(apiKey)) return;
  const problem = apiKey === '' ? 'there is no API key' : 'the API key has characters that no key has';
  throw badOption(`Cannot talk to ${provider}: ${problem}; write the key into the configuration`, 'apiKey');
}

function requirePositive(name: 'maxOutputTokens' | 'silenceMs', value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw badOption(`Cannot use ${name} ${value}: it has to be a whole number above 0`, name);
}

function readBaseUrl({ provider, baseUrl }: ChatEngineOptions): string {
  if (baseUrl === undefined || baseUrl === '') {
    if (provider !== 'openai-compatible') return DEFAULT_BASE_URLS[provider];
    throw badOption('Cannot talk to an openai-compatible server: base_url is missing; set it', 'baseUrl');
  }
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const isPlain =
    url !== undefined && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (url === undefined || !isPlain || !/^https?:$/.test(url.protocol)) {
    throw badOption('Cannot use base_url: it has to be an http or https address without query and password', 'baseUrl');
  }
  const address = url.href.replace(/\/+$/, '');
  const version = VERSIONS[provider];
  return address.endsWith(version) ? address : address + version;
}

function badOption(message: string, option: string): EngineError {
  return new EngineError(message, { code: 'bad-option', fields: { option } });
}
