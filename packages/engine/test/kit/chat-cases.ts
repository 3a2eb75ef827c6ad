// Chat engines of every kind that speak to the fake provider.
import type { FakeProvider, ProviderApi } from '@puffo/testbed';
import {
  type ChatEngineOptions,
  type ChatProvider,
  createChatEngine,
  type Engine,
  type EngineEvent,
  type EngineFailure,
  type EngineSession,
  type TurnInput,
} from '../../src/index.ts';

export interface ChatCase {
  readonly provider: ChatProvider;
  readonly api: ProviderApi;
  readonly model: string;
  baseUrl(provider: FakeProvider): string;
}

/** It has what looks like a key, so that its absence means something. */
export const KEY = 'sk-test-4f1b9c77d2e84a50';

export const CHAT_CASES: readonly ChatCase[] = [
  {
    provider: 'anthropic',
    api: 'anthropic',
    model: 'claude-sonnet-4-6',
    baseUrl: ({ baseUrls }) => baseUrls.anthropic,
  },
  { provider: 'openai', api: 'openai-chat', model: 'gpt-4o', baseUrl: ({ baseUrls }) => baseUrls.openai },
  {
    provider: 'openai-responses',
    api: 'openai-responses',
    model: 'gpt-4o',
    baseUrl: ({ baseUrls }) => baseUrls.openai,
  },
  {
    provider: 'openai-compatible',
    api: 'openai-chat',
    model: 'local-model',
    baseUrl: ({ baseUrls }) => baseUrls.openai,
  },
  { provider: 'google', api: 'google', model: 'gemini-2.5-pro', baseUrl: ({ baseUrls }) => baseUrls.google },
];

export function openEngine(each: ChatCase, provider: FakeProvider, more: Partial<ChatEngineOptions> = {}): Engine {
  return createChatEngine({ provider: each.provider, apiKey: KEY, baseUrl: each.baseUrl(provider), ...more });
}

export interface Turn {
  readonly events: readonly EngineEvent[];
  readonly end: Extract<EngineEvent, { readonly kind: 'turn_end' }>;
  readonly texts: readonly string[];
  readonly failure: EngineFailure | undefined;
}

export async function takeTurn(
  session: EngineSession,
  text: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Turn> {
  const input: TurnInput = { turnId: 'turn', text };
  const events: EngineEvent[] = [];
  for await (const event of session.runTurn(input, signal)) events.push(event);
  const end = events.at(-1);
  if (end?.kind !== 'turn_end') throw new Error('A turn ended without turn_end');
  const texts = events.flatMap((event) => (event.kind === 'text' ? [event.text] : []));
  return { events, end, texts, failure: end.outcome.kind === 'failed' ? end.outcome.failure : undefined };
}
