// The same fake, seen through every client library that chat-local agents use.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel } from 'ai';
import type { FakeProvider, ProviderApi } from '../../../src/index.ts';

export interface SdkCase {
  readonly name: string;
  readonly api: ProviderApi;
  readonly model: string;
  open(provider: FakeProvider, apiKey?: string): LanguageModel;
}

const KEY = 'fake-key';

export const SDK_CASES: readonly SdkCase[] = [
  {
    name: 'anthropic',
    api: 'anthropic',
    model: 'claude-sonnet-4-6',
    open: ({ sdkBaseUrls }, apiKey = KEY) =>
      createAnthropic({ baseURL: sdkBaseUrls.anthropic, apiKey })('claude-sonnet-4-6'),
  },
  {
    name: 'openai chat completions',
    api: 'openai-chat',
    model: 'gpt-4o',
    open: ({ sdkBaseUrls }, apiKey = KEY) => createOpenAI({ baseURL: sdkBaseUrls.openai, apiKey }).chat('gpt-4o'),
  },
  {
    name: 'openai responses',
    api: 'openai-responses',
    model: 'gpt-4o',
    open: ({ sdkBaseUrls }, apiKey = KEY) => createOpenAI({ baseURL: sdkBaseUrls.openai, apiKey }).responses('gpt-4o'),
  },
  {
    name: 'openai-compatible',
    api: 'openai-chat',
    model: 'local-model',
    open: ({ sdkBaseUrls }, apiKey = KEY) =>
      createOpenAICompatible({ name: 'local', baseURL: sdkBaseUrls.openai, apiKey, includeUsage: true })('local-model'),
  },
  {
    name: 'google',
    api: 'google',
    model: 'gemini-2.5-pro',
    open: ({ sdkBaseUrls }, apiKey = KEY) =>
      createGoogleGenerativeAI({ baseURL: sdkBaseUrls.google, apiKey })('gemini-2.5-pro'),
  },
];
