import { describe, expect, test } from 'vitest';
import { EngineError } from '../../spec/engine-error.ts';
import { type ChatEngineOptions, type ChatProvider, readChatOptions } from './chat-options.ts';
import { createChatEngine } from './create-chat-engine.ts';

const apiKey = 'sk-0123456789';

describe('the address of a provider', () => {
  test.each<[ChatProvider, string | undefined, string]>([
    ['anthropic', undefined, 'https://api.anthropic.com/v1'],
    ['anthropic', '', 'https://api.anthropic.com/v1'],
    ['anthropic', 'http://127.0.0.1:8080', 'http://127.0.0.1:8080/v1'],
    ['anthropic', 'https://gateway.example/anthropic/', 'https://gateway.example/anthropic/v1'],
    ['anthropic', 'https://gateway.example/v1/', 'https://gateway.example/v1'],
    ['google', undefined, 'https://generativelanguage.googleapis.com/v1beta'],
    ['google', 'http://127.0.0.1:8080', 'http://127.0.0.1:8080/v1beta'],
    ['openai', undefined, 'https://api.openai.com/v1'],
    ['openai-responses', 'http://127.0.0.1:8080/v1', 'http://127.0.0.1:8080/v1'],
    ['openai-compatible', 'http://127.0.0.1:8080/api', 'http://127.0.0.1:8080/api'],
  ])('%s with %s is %s', (provider, baseUrl, expected) => {
    expect(readChatOptions({ provider, apiKey, baseUrl }).baseUrl).toBe(expected);
  });
});

describe('an engine is refused', () => {
  test.each<[string, Partial<ChatEngineOptions>, string]>([
    ['without a key', { apiKey: '' }, 'apiKey'],
    ['with a key that has a line break', { apiKey: `${apiKey}\n` }, 'apiKey'],
    ['without an address where there is no default', { provider: 'openai-compatible' }, 'baseUrl'],
    ['with an address that is none', { baseUrl: 'nowhere' }, 'baseUrl'],
    ['with an address that is a file', { baseUrl: 'file:///etc/passwd' }, 'baseUrl'],
    ['with a password in its address', { baseUrl: 'https://me:sk-secret@gateway.example' }, 'baseUrl'],
    ['with a query in its address', { baseUrl: 'https://gateway.example/?key=sk-secret' }, 'baseUrl'],
    ['with no room for an answer', { maxOutputTokens: 0 }, 'maxOutputTokens'],
    ['with half a token', { maxOutputTokens: 0.5 }, 'maxOutputTokens'],
    ['without patience', { silenceMs: -1 }, 'silenceMs'],
  ])('%s', (_, options, option) => {
    let failure: unknown;
    try {
      createChatEngine({ provider: 'anthropic', apiKey, ...options });
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(EngineError);
    expect(failure).toMatchObject({ code: 'bad-option', fields: { option } });
    expect(String(failure)).not.toContain('sk-');
  });
});

test('a session without a model, or with a name that is none, is refused', async () => {
  const engine = createChatEngine({ provider: 'anthropic', apiKey });
  for (const model of ['', 'm'.repeat(257)]) {
    await expect(engine.openSession({ systemPrompt: '', model })).rejects.toMatchObject({
      code: 'bad-option',
      fields: { option: 'model' },
    });
  }
});
