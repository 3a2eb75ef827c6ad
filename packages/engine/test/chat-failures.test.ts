import { type FakeReply, replies, startFakeProvider } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import type { EngineFailureClass } from '../src/index.ts';
import { CHAT_CASES, type ChatCase, KEY, openEngine, takeTurn } from './kit/chat-cases.ts';

const PROMPT = 'The secret plan is to plant sunflowers';

/** The failure of a turn that is answered with `reply`, and whatever it said before. */
async function failWith(each: ChatCase, reply: FakeReply) {
  await using provider = await startFakeProvider();
  provider.script([reply]);
  await using session = await openEngine(each, provider).openSession({ systemPrompt: PROMPT, model: each.model });
  const turn = await takeTurn(session, PROMPT);
  expect(turn.texts).toEqual([]);
  // Nothing was said as far as the session knows.
  expect(turn.end.session).toEqual({ chat: 1, entries: [] });
  expect(turn.events.some(({ kind }) => kind === 'accepted')).toBe(false);
  // No retries of the SDK's own.
  expect(provider.calls(each.api)).toHaveLength(1);
  return turn.failure;
}

const TEXT = { kind: 'text', chunks: ['One ', 'two '] } as const;
/** What a provider that is no friend might echo. */
const ECHO = `Incorrect API key provided: ${KEY}. You said: ${PROMPT}`;

describe.each(CHAT_CASES)('a turn of $provider', (each) => {
  const overloadedStatus = each.api === 'anthropic' ? 529 : 503;
  const isOpenai = each.api.startsWith('openai');
  const ownCredit: EngineFailureClass = each.api === 'anthropic' ? 'billing' : 'quota';

  const errors: readonly [string, FakeReply, EngineFailureClass, number][] = [
    ['a bad request', replies.error('invalid_request'), 'protocol', 400],
    ['a prompt that is too long', replies.error('prompt_too_long'), 'input_too_large', 400],
    ['no credit', replies.error('billing'), ownCredit, each.api === 'anthropic' ? 400 : 429],
    ['402', replies.error('invalid_request', { status: 402 }), 'billing', 402],
    ['401', replies.error('authentication'), 'auth', 401],
    ['a wrong key', replies.error('invalid_key'), 'auth', each.api === 'google' ? 400 : 401],
    ['403', replies.error('permission'), 'auth', 403],
    ['no such model', replies.error('model_not_found'), 'bad_model', 404],
    ['408', replies.error('server_error', { status: 408 }), 'server_error', 408],
    ['413', replies.error('too_large'), 'input_too_large', 413],
    ['425', replies.error('server_error', { status: 425 }), 'server_error', 425],
    ['429', replies.error('rate_limit'), 'rate_limited', 429],
    ['500', replies.error('server_error'), 'server_error', 500],
    ['502 as a page', replies.page(502), 'server_error', 502],
    ['503 as a page', replies.page(503), 'overloaded', 503],
    ['504 as a page', replies.page(504), 'server_error', 504],
    ['overload', replies.error('overloaded'), 'overloaded', overloadedStatus],
    ['404 as a page', replies.page(404), 'bad_model', 404],
    ['418 as a page', replies.page(418), 'protocol', 418],
  ];

  test.each(errors)('with %s fails with its class and status', async (_, reply, failureClass, httpStatus) => {
    expect(await failWith(each, reply)).toMatchObject({ failureClass, httpStatus });
  });

  const broken: readonly [string, FakeReply, EngineFailureClass][] = [
    ['an overload in the middle', replies.steps([TEXT, { kind: 'error', error: 'overloaded' }]), 'overloaded'],
    ['a rate limit in the middle', replies.steps([TEXT, { kind: 'error', error: 'rate_limit' }]), 'rate_limited'],
    ['a connection that is cut', replies.cut(['One ', 'two ']), 'network'],
    ['a connection that is cut at once', replies.steps([{ kind: 'cut' }]), 'network'],
    ['an answer that just stops', replies.steps([TEXT, { kind: 'end' }]), 'network'],
    ['half an event', replies.malformed('One'), 'protocol'],
    ['a page of a gateway', replies.page(), 'protocol'],
    ['nothing at all', { kind: 'raw', status: 200, headers: {}, body: '' }, 'protocol'],
    [
      'an empty stream',
      { kind: 'raw', status: 200, headers: { 'content-type': 'text/event-stream' }, body: '' },
      'protocol',
    ],
    ['no content', { kind: 'raw', status: 204, headers: {}, body: '' }, 'protocol'],
    ['a refusal', replies.refusal('I cannot help with that.'), 'refused'],
    ['thoughts that used up all tokens', replies.empty({ finish: 'length' }), 'protocol'],
    [
      'a redirect, which is not followed',
      { kind: 'raw', status: 307, headers: { location: 'http://127.0.0.1:9/elsewhere' }, body: 'Elsewhere' },
      'protocol',
    ],
  ];

  test.each(broken)('with %s fails with its class', async (_, reply, failureClass) => {
    expect(await failWith(each, reply)).toMatchObject({ failureClass });
  });

  test.each([
    ['authentication', { code: isOpenai ? KEY : undefined }],
    ['invalid_request', {}],
    ['server_error', {}],
    ['rate_limit', { code: PROMPT }],
  ] as const)(
    'quotes neither key nor conversation in a failure (%s)',
    async (error, { code }: { code?: string | undefined }) => {
      const details = { message: ECHO, ...(code === undefined ? {} : { code }) };
      for (const reply of [
        replies.error(error, details),
        replies.steps([TEXT, { kind: 'error', error, ...details }]),
        { kind: 'raw', status: 500, headers: {}, body: ECHO } as const,
        { kind: 'raw', status: 200, headers: {}, body: `data: ${ECHO}\n\n` } as const,
      ]) {
        const said = JSON.stringify(await failWith(each, reply));
        expect(said).toContain('failureClass');
        expect(said).not.toContain(KEY);
        expect(said).not.toContain('sunflowers');
      }
    },
  );

  test('hands on how long the provider wants to be left alone', async () => {
    const failure = await failWith(each, replies.error('rate_limit', { retryAfterSeconds: 37 }));
    expect(failure).toMatchObject({ failureClass: 'rate_limited', retryAfterMs: 37_000 });
  });

  test('fails as network when nobody listens', async () => {
    const provider = await startFakeProvider();
    const engine = openEngine(each, provider);
    await provider[Symbol.asyncDispose]();
    await using session = await engine.openSession({ systemPrompt: '', model: each.model });
    const { failure } = await takeTurn(session, PROMPT);
    expect(failure).toMatchObject({ failureClass: 'network', detail: expect.stringContaining('ECONNREFUSED') });
  });

  test('does not wait for ever: silence is a timeout, before the answer and in it', async () => {
    await using provider = await startFakeProvider();
    const engine = openEngine(each, provider, { silenceMs: 100 });
    await using session = await engine.openSession({ systemPrompt: '', model: each.model });
    for (const reply of [replies.hang(), replies.steps([TEXT, { kind: 'hang' }])]) {
      provider.script([reply]);
      expect((await takeTurn(session, PROMPT)).failure).toMatchObject({ failureClass: 'timeout' });
    }
    // The connection is given up, too.
    await provider.waitFor(() => provider.requests.every(({ outcome }) => outcome === 'aborted_by_client'));
  });

  test('does not read more than a model can say', async () => {
    const failure = await failWith(each, replies.large(700_000));
    expect(failure).toMatchObject({ failureClass: 'protocol', detail: expect.stringContaining('longer') });
  });

  test('sends nothing when the input alone is more than a conversation', async () => {
    await using provider = await startFakeProvider();
    await using session = await openEngine(each, provider).openSession({ systemPrompt: '', model: each.model });
    const { failure } = await takeTurn(session, 'ü'.repeat(600_000));
    expect(failure).toMatchObject({ failureClass: 'input_too_large' });
    expect(provider.requests).toEqual([]);
  });
});
