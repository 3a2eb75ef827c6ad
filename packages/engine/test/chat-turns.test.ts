import { createGate, replies, startFakeProvider } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { createChatEngine, type EngineEvent, type SessionRef } from '../src/index.ts';
import { CHAT_CASES, KEY, openEngine, takeTurn } from './kit/chat-cases.ts';

describe.each(CHAT_CASES)('a session of $provider', (each) => {
  test('shows the provider prompt, key, model and the whole conversation', async () => {
    await using provider = await startFakeProvider();
    const session = await openEngine(each, provider).openSession({ systemPrompt: 'Be kind.', model: each.model });
    provider.script(['Grüße, 世界 🌍', replies.empty(), 'Bye.']);
    expect((await takeTurn(session, 'Hello')).texts).toEqual(['Grüße, 世界 🌍']);
    const silent = await takeTurn(session, 'No need to answer');
    expect(silent).toMatchObject({ texts: [], end: { outcome: { kind: 'ok' } } });
    const last = await takeTurn(session, 'Bye');
    expect(last.events.map(({ kind }) => kind).filter((kind) => kind !== 'progress')).toEqual([
      'accepted',
      'text',
      'turn_end',
    ]);
    expect(provider.calls(each.api).at(-1)).toMatchObject({
      model: each.model,
      system: 'Be kind.',
      isStreaming: true,
      credential: { value: KEY },
      messages: [
        { role: 'user', text: 'Hello' },
        { role: 'assistant', text: 'Grüße, 世界 🌍' },
        // Nothing was said between them.
        { role: 'user', text: 'No need to answer\n\nBye' },
      ],
    });
  });

  test('says a failed turn again without having said it twice', async () => {
    await using provider = await startFakeProvider();
    const session = await openEngine(each, provider).openSession({ systemPrompt: '', model: each.model });
    provider.script([replies.cut('Half an'), replies.error('overloaded'), 'Whole.']);
    for (const expected of ['failed', 'failed', 'ok']) {
      expect((await takeTurn(session, 'Once')).end.outcome.kind).toBe(expected);
    }
    expect(provider.calls(each.api).at(-1)).toMatchObject({
      system: '',
      messages: [{ role: 'user', text: 'Once' }],
    });
  });

  test('counts the tokens that the provider counts', async () => {
    await using provider = await startFakeProvider();
    const session = await openEngine(each, provider).openSession({ systemPrompt: '', model: each.model });
    provider.script([replies.text('Yes', { usage: { inputTokens: 120, outputTokens: 34, cacheReadTokens: 20 } })]);
    expect((await takeTurn(session, 'Hello')).end.usage).toEqual({ inputTokens: 120, outputTokens: 34 });
  });

  test('takes a large answer whole', async () => {
    await using provider = await startFakeProvider();
    const session = await openEngine(each, provider).openSession({ systemPrompt: '', model: each.model });
    provider.script([replies.large(200_000), 'Go on.']);
    const [text = ''] = (await takeTurn(session, 'Tell me everything')).texts;
    expect(Buffer.byteLength(text)).toBeGreaterThanOrEqual(200_000);
    await takeTurn(session, 'And then?');
    expect(provider.calls(each.api).at(-1)?.messages[1]?.text).toBe(text);
  });

  test('waits for a slow first word, and tells of progress while words come', async () => {
    await using provider = await startFakeProvider();
    const [first, second] = [createGate(), createGate()];
    let now = 0;
    const engine = openEngine(each, provider, { clock: () => now });
    const session = await engine.openSession({ systemPrompt: '', model: each.model });
    provider.script([
      replies.steps(
        [
          { kind: 'text', chunks: ['One ', 'more '] },
          { kind: 'pause', until: second.opened },
          { kind: 'text', chunks: ['two'] },
        ],
        { startAfter: first.opened },
      ),
    ]);
    const turn = session.runTurn({ turnId: 't', text: 'Hello' }, new AbortController().signal)[Symbol.asyncIterator]();
    const waiting = turn.next();
    await provider.waitFor(({ answeredBy }) => answeredBy === 'script');
    first.release();
    expect(await waiting).toEqual({ done: false, value: { kind: 'progress' } });
    const rest: EngineEvent[] = [];
    const next = turn.next();
    // The clock stands still: nothing more is told of what comes at the same time.
    now += 5000;
    second.release();
    for (let event = await next; event.done !== true; event = await turn.next()) rest.push(event.value);
    expect(rest.map(({ kind }) => kind)).toEqual(['progress', 'accepted', 'text', 'turn_end']);
    expect(rest[2]).toEqual({ kind: 'text', text: 'One more two' });
  });

  test('gives up the connection when a turn is called off in the middle of an answer', async () => {
    await using provider = await startFakeProvider();
    const session = await openEngine(each, provider).openSession({ systemPrompt: '', model: each.model });
    const never = createGate();
    provider.script([
      replies.steps([
        { kind: 'text', chunks: ['One '] },
        { kind: 'pause', until: never.opened },
      ]),
      'Yes.',
    ]);
    const abort = new AbortController();
    const events: EngineEvent[] = [];
    for await (const event of session.runTurn({ turnId: 't', text: 'Hello' }, abort.signal)) {
      events.push(event);
      abort.abort();
    }
    expect(events.map(({ kind }) => kind)).toEqual(['progress', 'turn_end']);
    expect(events.at(-1)).toMatchObject({ outcome: { kind: 'cancelled' }, session: { entries: [] } });
    expect((await provider.waitFor(({ outcome }) => outcome !== 'open')).outcome).toBe('aborted_by_client');
    expect((await takeTurn(session, 'Still there?')).texts).toEqual(['Yes.']);
  });

  test('runtimes 26: sends the latest 60 entries, beginning with a user', async () => {
    await using provider = await startFakeProvider({ defaultReply: 'Yes.' });
    const session = await openEngine(each, provider).openSession({ systemPrompt: '', model: each.model });
    let ref: SessionRef = null;
    for (let turn = 1; turn <= 31; turn++) ref = (await takeTurn(session, `Question ${turn}`)).end.session;
    const sent = provider.calls(each.api).at(-1)?.messages ?? [];
    // The 61st entry pushed out the first question, and its answer could not stay alone.
    expect(sent).toHaveLength(59);
    expect(sent[0]).toMatchObject({ role: 'user', text: 'Question 2' });
    expect(sent.at(-1)).toMatchObject({ role: 'user', text: 'Question 31' });
    const resumed = await openEngine(each, provider).openSession({ systemPrompt: '', model: each.model, resume: ref });
    expect(resumed.isResumed).toBe(true);
  });
});

test('Anthropic is asked to keep the prompt, and told how long an answer may be', async () => {
  await using provider = await startFakeProvider({ defaultReply: 'Yes.' });
  const [each] = CHAT_CASES;
  const session = await openEngine(each!, provider, { maxOutputTokens: 777 }).openSession({
    systemPrompt: 'Be kind.',
    model: 'claude-sonnet-4-6',
  });
  await takeTurn(session, 'Hello');
  expect(provider.requests[0]?.raw).toMatchObject({
    max_tokens: 777,
    system: [{ text: 'Be kind.', cache_control: { type: 'ephemeral' } }],
  });
});

test('a ping is a sign of life, long before the first word', async () => {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const writer = writable.getWriter();
  const send = (data: object) => writer.write(new TextEncoder().encode(`data: ${JSON.stringify(data)}\n\n`));
  let now = 0;
  const engine = createChatEngine({
    provider: 'anthropic',
    apiKey: KEY,
    clock: () => now,
    fetch: () => Promise.resolve(new Response(readable, { headers: { 'content-type': 'text/event-stream' } })),
  });
  const session = await engine.openSession({ systemPrompt: '', model: 'claude-sonnet-4-6' });
  const turn = session.runTurn({ turnId: 't', text: 'Hello' }, new AbortController().signal)[Symbol.asyncIterator]();
  const first = turn.next();
  const usage = { input_tokens: 1, output_tokens: 1 };
  void send({
    type: 'message_start',
    message: { id: 'm', model: 'claude-sonnet-4-6', role: 'assistant', content: [], usage },
  });
  expect((await first).value).toEqual({ kind: 'progress' });
  const second = turn.next();
  now += 5000;
  void send({ type: 'ping' });
  expect((await second).value).toEqual({ kind: 'progress' });
  void writer.close();
  expect((await turn.next()).value).toMatchObject({ outcome: { failure: { failureClass: 'protocol' } } });
});

test('OpenAI is asked to keep no copy of the conversation', async () => {
  for (const each of CHAT_CASES.filter(({ provider }) => provider === 'openai' || provider === 'openai-responses')) {
    await using provider = await startFakeProvider({ defaultReply: 'Yes.' });
    const session = await openEngine(each, provider).openSession({ systemPrompt: '', model: each.model });
    await takeTurn(session, 'Hello');
    expect(provider.requests[0]?.raw).toMatchObject({ store: false });
  }
});
