// Requests by hand, for what no client library sends.
import { expect } from 'vitest';
import { type FakeProvider, type FakeReply, startFakeProvider } from '../../../src/index.ts';

export type Wire = 'anthropic' | 'openai-chat' | 'openai-responses' | 'google';

export interface AskOptions {
  readonly stream?: boolean;
  /** Added to, or instead of, the members of a minimal request. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** Instead of a JSON. */
  readonly body?: string;
  readonly signal?: AbortSignal;
}

interface Minimal {
  readonly path: string;
  readonly streamPath: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export const MINIMAL: Readonly<Record<Wire, Minimal>> = {
  anthropic: {
    path: '/v1/messages',
    streamPath: '/v1/messages',
    headers: { 'x-api-key': 'fake-key', 'anthropic-version': '2023-06-01' },
    body: { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] },
  },
  'openai-chat': {
    path: '/v1/chat/completions',
    streamPath: '/v1/chat/completions',
    headers: { authorization: 'Bearer fake-key' },
    body: { model: 'gpt-x', messages: [{ role: 'user', content: 'Hello' }] },
  },
  'openai-responses': {
    path: '/v1/responses',
    streamPath: '/v1/responses',
    headers: { authorization: 'Bearer fake-key' },
    body: { model: 'gpt-x', input: 'Hello' },
  },
  google: {
    path: '/v1beta/models/gemini-x:generateContent',
    streamPath: '/v1beta/models/gemini-x:streamGenerateContent?alt=sse',
    headers: { 'x-goog-api-key': 'fake-key' },
    body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
  },
};

export const WIRES: readonly Wire[] = ['anthropic', 'openai-chat', 'openai-responses', 'google'];

/** What is read from an event, member by member. */
export type EventData = Readonly<Record<string, unknown>> | string;

export async function ask(provider: FakeProvider, wire: Wire, options: AskOptions = {}): Promise<Response> {
  const { stream = false, more = {}, signal } = options;
  const minimal = MINIMAL[wire];
  const member = stream && wire !== 'google' ? { stream } : {};
  return fetch(provider.url + (options.path ?? (stream ? minimal.streamPath : minimal.path)), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(options.headers ?? minimal.headers) },
    body: options.body ?? JSON.stringify({ ...minimal.body, ...member, ...more }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The events of a stream: name and data, the data parsed where it is JSON. */
async function readEvents(response: Response): Promise<readonly { readonly name: string; readonly data: EventData }[]> {
  const text = await response.text();
  return text
    .split(/\r?\n\r?\n/)
    .filter((block) => block !== '')
    .map((block) => {
      const lines = block.split(/\r?\n/);
      const name = lines.find((line) => line.startsWith('event: '))?.slice('event: '.length) ?? '';
      const data = lines.find((line) => line.startsWith('data: '))?.slice('data: '.length) ?? '';
      return { name, data: data.startsWith('{') ? JSON.parse(data) : data };
    });
}

/** The events of a stream that says `reply`. */
export async function streamEvents(wire: Wire, reply: FakeReply, more: Readonly<Record<string, unknown>> = {}) {
  await using provider = await startFakeProvider({ defaultReply: reply });
  const response = await ask(provider, wire, { stream: true, more });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  return readEvents(response);
}

/** The body that says `reply`. */
export async function askBody(
  wire: Wire,
  reply: FakeReply,
  more: Readonly<Record<string, unknown>> = {},
): Promise<EventData> {
  await using provider = await startFakeProvider({ defaultReply: reply });
  const response = await ask(provider, wire, { more });
  expect(response.status).toBe(200);
  return (await response.json()) as EventData;
}
