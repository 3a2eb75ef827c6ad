// What people see when the provider of a model fails, in each of its ways: one honest message or a later answer, never a word of
// the provider's, and no agent that looks well while it is not. spec: runtimes 2.8, 3.6, daemon-and-cli 3.9, issue 5
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeReply, replies, waitFor } from '@puffo/testbed';
import { CANARY, type ProviderKind, type ProviderWorld, startProviderWorld } from './provider-world.ts';

const KINDS: readonly ProviderKind[] = ['anthropic', 'openai', 'google', 'openai-compatible'];
const SAID = { message: `${CANARY}: what the provider says` };
const PAGE = { headers: { 'content-type': 'text/html' }, body: `<h1>${CANARY}</h1>` };

type Case = readonly [name: string, reply: FakeReply];

/** They end by themselves. */
const PASSING: readonly Case[] = [
  ['429 with Retry-After', replies.error('rate_limit', { ...SAID, retryAfterSeconds: 2 })],
  ['429', replies.error('rate_limit', SAID)],
  ['529 or 503', replies.error('overloaded', SAID)],
  ['500', replies.error('server_error', SAID)],
  ['502 with a page of a gateway', { kind: 'raw', status: 502, ...PAGE }],
  ['a connection that breaks off in the middle of the answer', replies.cut(`Half of an answer. ${CANARY}`)],
  ['a stream that ends without its end', replies.steps([textStep('Half of an answer.'), { kind: 'end' }])],
  [
    'an error in the middle of the answer',
    replies.steps([textStep('Half.'), { kind: 'error', error: 'overloaded', ...SAID }]),
  ],
];

/** Somebody has to do something about them. */
const LASTING: readonly Case[] = [
  ['401', replies.error('authentication', SAID)],
  ['the error of a wrong key', replies.error('invalid_key', SAID)],
  ['403', replies.error('permission', SAID)],
];

/** They are the message's own fault, or that of the settings, and come back each time. */
const FINAL: readonly (readonly [...Case, expected: RegExp])[] = [
  ['404 for the model', replies.error('model_not_found', SAID), /the AI model that I am set to use is not available/],
  ['413', replies.error('too_large', SAID), /more than I can take in at once/],
  ['content that is refused', replies.refusal(`No. ${CANARY}`), /the AI model declined the request/],
  ['an empty answer', replies.empty(), /came up with nothing to say/],
  ['half a stream', replies.malformed(`Half of an answer. ${CANARY}`), /I could not answer/],
  ['a page that is no answer', { kind: 'raw', status: 200, ...PAGE }, /I could not answer/],
];

function textStep(text: string) {
  return { kind: 'text', chunks: [`${text} ${CANARY}`] } as const;
}

/** In the words of each provider, whose beginning says what it is. */
const TOO_LONG: Readonly<Record<ProviderKind, string>> = {
  anthropic: `prompt is too long: 210000 tokens > 200000 maximum ${CANARY}`,
  google: `The input token count (1100000) exceeds the maximum number of tokens allowed (1048576). ${CANARY}`,
  openai: CANARY,
  'openai-compatible': CANARY,
};

describe.each(KINDS)('when %s fails, an agent', (kind) => {
  let world: ProviderWorld;
  let number = 0;
  let answer = '';

  beforeAll(async () => {
    world = await startProviderWorld({ kind });
    await world.start();
  });

  afterAll(() => world[Symbol.asyncDispose]());

  beforeEach(() => {
    answer = `the answer ${++number}`;
    world.setClockOffset(0);
    world.provider.respond(() => answer);
  });

  test.each(PASSING)('answers later, and meanwhile says that it cannot: %s', async (_name, reply) => {
    world.provider.script([reply]);
    const before = world.answers().length;
    const { envelopeId } = await world.ask('a question');
    await expectTrouble(world);
    expect(await world.entryOf(envelopeId)).toMatchObject({ state: 'waiting', attempts: 1 });
    await world.passUntilDue(envelopeId);
    await waitFor(() => world.answers().includes(answer), 'the answer');
    await expectWell(world);
    expect(world.answers().slice(before)).toEqual([answer]);
    expect(await world.entryOf(envelopeId)).toMatchObject({ state: 'answered' });
  });

  test.each(LASTING)('keeps the message, says so once, and answers after the repair: %s', async (_name, reply) => {
    world.provider.respond(() => reply);
    const before = world.answers().length;
    const newsBefore = world.news().length;
    const { envelopeId } = await world.ask('a question');
    await waitFor(() => world.answers().length > before, 'the notice');
    await waitFor(() => world.news().length > newsBefore, 'the news for the operator');
    await expectTrouble(world);
    await waitFor(() => world.worker.keeper.facts.messagesWaiting === 1, 'one message to wait');
    expect(world.worker.keeper.facts).toMatchObject({ health: 'auth_failed' });
    expect(await world.entryOf(envelopeId)).toMatchObject({ state: 'deferred' });
    const { envelopeId: second } = await world.ask('another question');
    await waitFor(async () => (await world.entryOf(second)).state === 'deferred', 'the second one to be kept');
    world.provider.respond(() => answer);
    world.worker.worker.retryDeferred();
    await waitFor(async () => (await world.entryOf(second)).state === 'answered', 'both to be answered');
    await waitFor(() => world.answers().includes(answer), 'the answer');
    await expectWell(world);
    const [notice, ...others] = world.answers().slice(before);
    expect(notice).toMatch(
      /my access to the AI model does not work\. My operator has been told\. Your message is kept/,
    );
    expect(new Set(others)).toEqual(new Set([answer]));
    expect(world.news().slice(newsBefore)).toHaveLength(1);
    expect(await world.entryOf(envelopeId)).toMatchObject({ state: 'answered' });
  });

  test.each(FINAL)(
    'gives the message up with one honest word, and answers the next: %s',
    async (_name, reply, said) => {
      world.provider.respond(() => reply);
      await expectGivenUp(said);
    },
  );

  test('gives the message up with one honest word, and answers the next: a context that is too long', async () => {
    world.provider.respond(() => replies.error('prompt_too_long', { message: TOO_LONG[kind] }));
    await expectGivenUp(/more than I can take in at once/);
  });

  test('answers later when connections are refused', async () => {
    await world.way.close();
    await expectLater();
  });

  test('answers later when connections are reset', async () => {
    await world.way.reset();
    await expectLater();
  });

  test('passes an answer of 200 KB on whole, in order', async () => {
    const lines = Array.from({ length: 4000 }, (_, at) => `line ${at} ${'ü'.repeat(25)}`);
    const before = world.answers().length;
    world.provider.script([replies.text(lines.join('\n'))]);
    await world.ask('tell me everything');
    await waitFor(() => world.answers().join('\n').includes('line 3999 '), 'the whole answer');
    const received = world
      .answers()
      .slice(before)
      .flatMap((text) => text.split('\n'))
      .filter((line) => line.startsWith('line '));
    expect(received).toEqual(lines);
    await expectWell(world);
  });

  test('counts what turns cost, also those that came to nothing', async () => {
    const before = await world.tokens();
    const usage = { inputTokens: 1100, outputTokens: 70 };
    world.provider.script([replies.empty({ usage }), replies.text(answer, { usage })]);
    await world.ask('a question');
    await waitFor(() => world.answers().includes(answer), 'the answer');
    const after = { input: before.input + 2200, output: before.output + 140 };
    expect(await world.tokens()).toEqual(after);
    await waitFor(() => world.worker.keeper.facts.tokensToday.input === after.input, 'the record to show it');
    expect(world.worker.keeper.facts.tokensToday).toEqual(after);
  });

  test('runtimes 20: shows nobody a word of what the provider said in all these failures', async () => {
    expect(await world.everythingSaid()).not.toContain(CANARY);
    expect(world.provider.requests.length).toBeGreaterThan(PASSING.length + LASTING.length + FINAL.length);
  });

  async function expectGivenUp(said: RegExp): Promise<void> {
    const before = world.answers().length;
    const { envelopeId } = await world.ask('a question');
    await waitFor(() => world.answers().length > before, 'the notice');
    await waitFor(async () => (await world.status()).status === 'error', 'the server to say so');
    expect(await world.entryOf(envelopeId)).toMatchObject({ state: 'failed' });
    await waitFor(() => world.worker.keeper.facts.messagesWaiting === 0, 'nothing to wait');
    world.provider.respond(() => answer);
    await world.ask('another question');
    await waitFor(() => world.answers().includes(answer), 'the answer');
    await expectWell(world);
    const [notice, ...others] = world.answers().slice(before);
    expect(notice).toMatch(said);
    expect(others).toEqual([answer]);
  }

  async function expectLater(): Promise<void> {
    const { envelopeId } = await world.ask('a question');
    await expectTrouble(world);
    expect(await world.entryOf(envelopeId)).toMatchObject({ state: 'waiting', attempts: 1 });
    await world.way.open();
    await world.passUntilDue(envelopeId);
    await waitFor(() => world.answers().includes(answer), 'the answer');
    await expectWell(world);
  }
});

describe('when a provider is busy for too long, an agent', () => {
  test.each<readonly [string, FakeReply | undefined, RegExp]>([
    ['429', replies.error('rate_limit', SAID), /the AI model was too busy/],
    ['529', replies.error('overloaded', SAID), /the AI model was too busy/],
    ['500', replies.error('server_error', SAID), /the AI model had a problem/],
    ['no connection', undefined, /I cannot reach the AI model/],
  ])('gives up after four attempts, says so once, and is well again later: %s', async (_name, reply, said) => {
    // The server refuses clocks that differ too much from its own: time passes from before to after.
    await using world = await startProviderWorld({ kind: 'anthropic', clockOffset: -200_000 });
    await world.start();
    world.provider.respond(() => reply ?? 'not reached');
    if (reply === undefined) await world.way.close();
    const { envelopeId } = await world.ask('a question');
    for (const attempts of [1, 2, 3]) {
      await waitFor(async () => (await world.entryOf(envelopeId)).attempts === attempts, `attempt ${attempts}`);
      await expectTrouble(world);
      await waitFor(() => world.worker.keeper.facts.messagesWaiting === 1, 'the message to be seen as waiting');
      expect(world.answers()).toEqual([]);
      await world.passUntilDue(envelopeId);
    }
    await waitFor(() => world.answers().length === 1, 'the notice');
    expect(world.answers()[0]).toMatch(said);
    await expectTrouble(world);
    expect(world.worker.keeper.facts).toMatchObject({ health: 'api_error_abandoned' });
    expect(await world.entryOf(envelopeId)).toMatchObject({ state: 'failed' });
    if (reply === undefined) await world.way.open();
    world.provider.respond(() => 'here I am');
    await world.ask('another question');
    await waitFor(() => world.answers().length === 2, 'the answer');
    await expectWell(world);
    expect(await world.everythingSaid()).not.toContain(CANARY);
  });

  test('gives up at once when it should wait for longer than a person does', async () => {
    await using world = await startProviderWorld({ kind: 'anthropic' });
    await world.start();
    world.provider.script([replies.error('rate_limit', { ...SAID, retryAfterSeconds: 3600 })]);
    await world.ask('a question');
    await waitFor(() => world.answers().length === 1, 'the notice');
    expect(world.answers()[0]).toMatch(/the AI model was too busy/);
    await expectTrouble(world);
  });
});

describe('when a provider says nothing any more, an agent', () => {
  test.each<Case>([
    ['from the start', replies.hang()],
    ['in the middle of the answer', replies.steps([textStep('Half of an answer.'), { kind: 'hang' }])],
  ])('does not wait for ever, and says so: %s', async (_name, reply) => {
    await using world = await startProviderWorld({ kind: 'anthropic', silenceMs: 300 });
    await world.start();
    world.provider.script([reply]);
    const { envelopeId } = await world.ask('a question');
    await waitFor(() => world.answers().length === 1, 'the notice');
    expect(world.answers()[0]).toMatch(/it took too long/);
    await expectTrouble(world);
    expect(await world.entryOf(envelopeId)).toMatchObject({ state: 'failed' });
    world.provider.respond(() => 'here I am');
    await world.ask('another question');
    await waitFor(() => world.answers().length === 2, 'the answer');
    await expectWell(world);
    expect(await world.everythingSaid()).not.toContain(CANARY);
  });
});

/** What its operator sees on this machine, and what everybody sees through the server. */
async function expectTrouble(world: ProviderWorld): Promise<void> {
  await waitFor(() => world.worker.keeper.facts.error !== '', 'the record to say that something is wrong');
  const { error_text: text } = await waitFor(async () => {
    const status = await world.status();
    return status.status === 'error' && status;
  }, 'the server to say that something is wrong');
  expect(text).toMatch(/^(?:Trying again later|No answer): the AI [\w ]+$/);
  expect(world.worker.keeper.facts.error).toMatch(/^(?:trying again later|cannot answer): the AI [\w ]+$/);
}

async function expectWell(world: ProviderWorld): Promise<void> {
  await waitFor(() => world.worker.keeper.facts.error === '', 'the record to say that all is well');
  await waitFor(async () => (await world.status()).status === 'idle', 'the server to say that all is well');
  await waitFor(() => world.worker.keeper.facts.messagesWaiting === 0, 'nothing to wait');
  expect(world.worker.keeper.facts).toMatchObject({ status: 'running', phase: 'online', health: 'ok' });
}
