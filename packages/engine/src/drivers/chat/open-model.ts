// Which SDK speaks to which provider, and what the provider wants to be told besides the conversation.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel, SystemModelMessage } from 'ai';
import type { ChatSettings } from './chat-options.ts';
import { limitFetch } from './limit-fetch.ts';

export function openModel(settings: ChatSettings, model: string): LanguageModel {
  const access = { baseURL: settings.baseUrl, apiKey: settings.apiKey, fetch: limitFetch(settings.fetch) };
  switch (settings.provider) {
    case 'anthropic':
      return createAnthropic(access)(model);
    case 'openai':
      return createOpenAI(access).chat(model);
    case 'openai-responses':
      return createOpenAI(access).responses(model);
    case 'google':
      return createGoogleGenerativeAI(access)(model);
    case 'openai-compatible':
      return createOpenAICompatible({ ...access, name: 'compatible', includeUsage: true })(model);
  }
}

/** The prompt is the same in every turn, so Anthropic keeps it: that has to be asked for there. */
export function systemMessage(text: string): SystemModelMessage {
  return {
    role: 'system',
    content: text,
    providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } },
  };
}

/** The conversation is ours; OpenAI would keep a copy of it otherwise. */
export const PROVIDER_OPTIONS = { openai: { store: false } } as const;
