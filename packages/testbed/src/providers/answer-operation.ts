// What a provider answers by itself: tokens, models, probes. No script has a say in it.
import type { JsonObject } from '@puffo/base';
import type { ProviderApi } from './fake-request.ts';
import { estimateTokens, type Exchange, playBody, type Played, playError } from './play-reply.ts';

/** Listed when the test does not say which models there are. */
const LISTED_MODELS = ['claude-sonnet-4-6', 'gpt-4o', 'gemini-2.5-pro'] as const;

export async function answerOperation(exchange: Exchange, models: readonly string[] | undefined): Promise<Played> {
  const { request, route } = exchange;
  const names = models ?? LISTED_MODELS;
  if (route.operation === 'count_tokens') {
    return playBody(writeCount(route.api, estimateTokens(request.rawBody)), exchange);
  }
  if (route.operation === 'list_models') return playBody(writeModels(route.api, names), exchange);
  if (route.operation === 'probe') return playBody({}, exchange);
  const isKnown = models === undefined || models.includes(route.model);
  return isKnown
    ? playBody(writeModel(route.api, route.model), exchange)
    : playError({ error: 'model_not_found' }, exchange, 'model');
}

function writeCount(api: ProviderApi, tokens: number): JsonObject {
  if (api === 'anthropic') return { input_tokens: tokens };
  return { totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] };
}

function writeModels(api: ProviderApi, names: readonly string[]): JsonObject {
  const models = names.map((name) => writeModel(api, name));
  if (api === 'google') return { models };
  if (api !== 'anthropic') return { object: 'list', data: models };
  return { data: models, has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null };
}

const CREATED = '2025-01-01T00:00:00Z';

function writeModel(api: ProviderApi, name: string): JsonObject {
  switch (api) {
    case 'anthropic':
      return { type: 'model', id: name, display_name: name, created_at: CREATED };
    case 'google':
      return {
        name: `models/${name}`,
        version: '001',
        displayName: name,
        inputTokenLimit: 1_048_576,
        outputTokenLimit: 65_536,
        supportedGenerationMethods: ['generateContent', 'countTokens'],
      };
    case 'openai-chat':
    case 'openai-responses':
    case 'none':
      return { id: name, object: 'model', created: 1_735_689_600, owned_by: 'fake' };
  }
}
