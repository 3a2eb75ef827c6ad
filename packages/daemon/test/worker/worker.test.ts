import { scriptedTurns } from '@puffo/engine';
import { ATTACHMENTS_CONTENT_TYPE } from '@puffo/protocol';
import { createGate, type TestUser, waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { startWorkerWorld, type WorkerWorld } from './worker-world.ts';

function agentOf(world: WorkerWorld) {
  return { slug: world.agentKeys.slug };
}

async function sayToAgent(world: WorkerWorld, text: string) {
  const { sent } = await world.alice.client.outbox.send({
    route: { kind: 'dm', recipientSlug: agentOf(world).slug },
    contentType: 'text/plain',
    content: text,
  });
  return sent;
}

/** What the agent said to them; their own words come back, too. */
function answersTo({ inbox }: TestUser, { agentKeys }: WorkerWorld) {
  return inbox.messages.filter(({ senderSlug }) => senderSlug === agentKeys.slug);
}

function textsOf(user: TestUser, world: WorkerWorld): readonly string[] {
  return answersTo(user, world).flatMap(({ content }) => (typeof content === 'string' ? [content] : []));
}

describe('an agent', () => {
  test('answers a direct message and a mention, each in its own conversation', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(({ input }) =>
      scriptedTurns.text(input.text.includes('in private') ? 'privately' : 'publicly'),
    );
    await world.start();
    await sayToAgent(world, 'in private');
    await world.alice.say(world.channel, `hello @${agentOf(world).slug}`);
    await waitFor(() => answersTo(world.alice, world).length === 2, 'both answers');
    const routes = answersTo(world.alice, world).map(({ route, content }) => [route.kind, content]);
    expect(Object.fromEntries(routes)).toEqual({ channel: 'publicly', dm: 'privately' });
    await world.stop();
    expect(await world.states()).toEqual({ answered: 2 });
  });

  test('answers in the thread of the message, and names the message that it answers', async () => {
    await using world = await startWorkerWorld();
    world.engine.script([scriptedTurns.text('first'), scriptedTurns.text('second')]);
    await world.start();
    const { envelopeId } = await sayToAgent(world, 'hello');
    await waitFor(() => answersTo(world.alice, world).length === 1, 'the first answer');
    const { sent } = await world.alice.client.outbox.send({
      route: { kind: 'dm', recipientSlug: agentOf(world).slug },
      contentType: 'text/plain',
      content: 'and in the thread?',
      threadRootId: envelopeId,
    });
    await sent;
    await waitFor(() => answersTo(world.alice, world).length === 2, 'the second answer');
    const [first, second] = answersTo(world.alice, world);
    expect([first?.threadRootId, first?.replyToId]).toEqual([null, envelopeId]);
    expect(second?.threadRootId).toBe(envelopeId);
  });

  test('takes what came during a turn into the next one, oldest first', async () => {
    await using world = await startWorkerWorld();
    const gate = createGate();
    world.engine.script([
      {
        steps: [
          { kind: 'wait', until: gate.opened },
          { kind: 'text', text: 'one' },
        ],
      },
      scriptedTurns.text('two'),
    ]);
    await world.start();
    await sayToAgent(world, 'message 1');
    await waitFor(() => world.engine.turns.length === 1, 'the first turn');
    for (const number of [2, 3, 4]) await sayToAgent(world, `message ${number}`);
    await waitFor(() => world.keeper.facts.messagesWaiting === 4, 'all messages to wait');
    gate.release();
    await waitFor(() => textsOf(world.alice, world).length === 2, 'two answers');
    expect(world.engine.turns).toHaveLength(2);
    const text = world.engine.turns[1]?.input.text ?? '';
    const places = [2, 3, 4].map((number) => text.indexOf(`message ${number}`));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    expect(text).not.toContain('message 1');
  });

  test('statement 81, runtimes 21: answers two people who write within one turn, each only about their own message', async () => {
    await using world = await startWorkerWorld();
    const bob = await world.network.signUp('bob');
    await bob.listen();
    const gate = createGate();
    world.engine.respond(({ input }) => ({
      steps: [
        { kind: 'wait', until: gate.opened },
        { kind: 'text', text: input.text.includes('I am Bob') ? 'for Bob' : 'for Alice' },
      ],
    }));
    await world.start();
    await sayToAgent(world, 'I am Alice');
    await waitFor(() => world.engine.turns.length === 1, 'the first turn');
    await bob.client.outbox.send({
      route: { kind: 'dm', recipientSlug: agentOf(world).slug },
      contentType: 'text/plain',
      content: 'I am Bob',
    });
    await waitFor(() => world.keeper.facts.messagesWaiting === 2, 'the message of Bob');
    gate.release();
    await waitFor(() => textsOf(world.alice, world).length + textsOf(bob, world).length === 2, 'two answers');
    expect(textsOf(world.alice, world)).toEqual(['for Alice']);
    expect(textsOf(bob, world)).toEqual(['for Bob']);
  });

  test('keeps what does not trigger it, asks no model, and shows it with the next turn of the conversation', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(() => scriptedTurns.text('yes'));
    const { triggers } = world.config();
    await world.start({ triggers: { ...triggers, onChannel: false } });
    await world.alice.say(world.channel, 'the plan is blue');
    await world.alice.say(world.channel, 'nobody is asked here');
    await world.alice.say(world.channel, `@${agentOf(world).slug} what is the plan?`);
    await waitFor(() => textsOf(world.alice, world).length === 1, 'the answer');
    expect(world.engine.turns).toHaveLength(1);
    expect(world.engine.turns[0]?.input.text).toContain('the plan is blue');
    await world.alice.say(world.channel, `@${agentOf(world).slug} and now?`);
    await waitFor(() => textsOf(world.alice, world).length === 2, 'the second answer');
    expect(world.engine.turns[1]?.input.text).not.toContain('the plan is blue');
  });

  test('follows changed triggers without a restart', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(() => scriptedTurns.text('yes'));
    const { triggers } = world.config();
    await world.start({ triggers: { ...triggers, onChannel: false } });
    await world.alice.say(world.channel, 'one');
    await waitFor(async () => world.keeper.facts.phase === 'online', 'the agent');
    world.worker.applyConfig(
      world.config({ triggers: { ...triggers, channels: { [world.channel.channelId]: 'all' } } }),
    );
    await world.alice.say(world.channel, 'two');
    await waitFor(() => textsOf(world.alice, world).length === 1, 'the answer');
    expect(world.engine.turns).toHaveLength(1);
    expect(world.engine.turns[0]?.input.text).toContain('two');
  });

  test('says nothing when it wants to say nothing', async () => {
    await using world = await startWorkerWorld();
    world.engine.script([scriptedTurns.text('[SILENT]'), scriptedTurns.text('now')]);
    await world.start();
    await sayToAgent(world, 'first');
    await waitFor(() => world.engine.turns.length === 1, 'the first turn');
    await sayToAgent(world, 'second');
    await waitFor(() => textsOf(world.alice, world).length === 1, 'the answer');
    expect(textsOf(world.alice, world)).toEqual(['now']);
    await world.stop();
    expect(await world.states()).toEqual({ answered: 1, silent: 1 });
  });

  test('goes on with its conversation after a restart', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(() => scriptedTurns.text('yes'));
    await world.start();
    await sayToAgent(world, 'my name is Alice');
    await waitFor(() => textsOf(world.alice, world).length === 1, 'the first answer');
    await world.stop();
    await world.start();
    await sayToAgent(world, 'what is my name?');
    await waitFor(() => textsOf(world.alice, world).length === 2, 'the second answer');
    const [, second] = world.engine.sessions;
    expect(second?.isResumed).toBe(true);
    expect(world.engine.turns[1]?.seen.join('\n')).toContain('my name is Alice');
  });

  test('finds the files of a message in its workspace', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(() => scriptedTurns.text('read'));
    await world.start();
    const { attachments, outbox } = world.alice.client;
    const files = [{ filename: 'plan.txt', mimeType: 'text/plain', bytes: new TextEncoder().encode('blue') }];
    const message = await attachments.prepareMessage({ text: 'see the file', files });
    expect(message.contentType).toBe(ATTACHMENTS_CONTENT_TYPE);
    const route = { kind: 'dm', recipientSlug: agentOf(world).slug } as const;
    const { envelopeId } = await outbox.send({ route, ...message });
    await waitFor(() => textsOf(world.alice, world).length === 1, 'the answer');
    expect(world.engine.turns[0]?.input.text).toContain(`.puffo/inbox/${envelopeId}/plan.txt`);
  });
});

describe('an agent whose model fails', () => {
  test('statement 82: gives one message up visibly after a bounded number of attempts, and answers the others', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(({ input }) =>
      input.text.includes('poison') ? scriptedTurns.failure('protocol') : scriptedTurns.text('fine'),
    );
    await world.start();
    await sayToAgent(world, 'poison');
    await waitFor(() => world.engine.turns.length === 1, 'the first turn');
    await sayToAgent(world, 'harmless');
    await waitFor(() => textsOf(world.alice, world).length === 2, 'an answer and a notice');
    expect(textsOf(world.alice, world)).toContain('fine');
    const notice = textsOf(world.alice, world).find((text) => text !== 'fine') ?? '';
    expect(notice).not.toContain('The script says');
    expect(world.engine.turns.filter(({ input }) => input.text.includes('poison'))).toHaveLength(2);
    await waitFor(() => world.keeper.facts.messagesFailed === 1, 'the failure to be shown');
    await world.stop();
    expect(await world.states()).toEqual({ answered: 1, failed: 1 });
  });

  test('keeps messages while its login does not work, tells people once, and answers when it works again', async () => {
    await using world = await startWorkerWorld();
    let isBroken = true;
    world.engine.respond(() => (isBroken ? scriptedTurns.failure('auth') : scriptedTurns.text('here I am')));
    await world.start();
    await world.alice.say(world.channel, `@${agentOf(world).slug} first`);
    await waitFor(() => world.keeper.facts.health === 'auth_failed', 'the failure to be shown');
    await world.alice.say(world.channel, `@${agentOf(world).slug} second`);
    await waitFor(() => world.engine.turns.length === 2, 'the second turn');
    // One in the channel for who asked, one to the operator alone.
    await waitFor(() => answersTo(world.alice, world).length === 2, 'both notices');
    expect(
      answersTo(world.alice, world)
        .map(({ route }) => route.kind)
        .toSorted(),
    ).toEqual(['channel', 'dm']);
    isBroken = false;
    world.worker.retryDeferred();
    await waitFor(() => textsOf(world.alice, world).includes('here I am'), 'the answer');
    await waitFor(() => world.keeper.facts.health === 'ok', 'the health to be good again');
    await waitFor(() => world.keeper.facts.messagesWaiting === 0, 'nothing to wait');
    await world.stop();
    expect(await world.states()).toEqual({ answered: 2 });
  });

  test('does not leave a person without a word when the model has none', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(() => scriptedTurns.silence());
    await world.start();
    await sayToAgent(world, 'anybody there?');
    await waitFor(() => textsOf(world.alice, world).length === 1, 'the notice');
    expect(world.engine.turns).toHaveLength(2);
    await world.stop();
    expect(await world.states()).toEqual({ failed: 1 });
  });

  test('a turn that is cut off by a stop is taken again, and answered once', async () => {
    await using world = await startWorkerWorld();
    world.engine.script([scriptedTurns.hang(), scriptedTurns.text('after all')]);
    await world.start();
    await sayToAgent(world, 'hello');
    await waitFor(() => world.engine.turns.length === 1, 'the first turn');
    await world.stop();
    expect(await world.states()).toEqual({ waiting: 1 });
    await world.start();
    await waitFor(() => textsOf(world.alice, world).length === 1, 'the answer');
    await world.stop();
    expect(textsOf(world.alice, world)).toEqual(['after all']);
  });

  test('an answer of 200 KB arrives whole, in order, in several messages', async () => {
    await using world = await startWorkerWorld();
    const lines = Array.from({ length: 4000 }, (_, at) => `line ${at} ${'x'.repeat(40)}`);
    world.engine.script([scriptedTurns.text(lines.join('\n'))]);
    await world.start();
    await sayToAgent(world, 'tell me everything');
    await waitFor(() => textsOf(world.alice, world).join('\n').includes('line 3999 '), 'the whole answer');
    const received = textsOf(world.alice, world)
      .join('\n')
      .split('\n')
      .filter((line) => line.startsWith('line '));
    expect(received.map((line) => line.split(' ')[1])).toEqual(lines.map((_, at) => String(at)));
  });
});

describe('an agent that cannot start', () => {
  test('statement 53: without a filled in puffo_core it names the four fields', async () => {
    await using world = await startWorkerWorld();
    const puffoCore = { ...world.config().puffoCore, slug: '', deviceId: '', spaceId: '' };
    const failure = world.start({ puffoCore });
    await expect(failure).rejects.toThrow(/server_url.*slug.*device_id.*space_id/);
    expect(world.keeper.facts).toMatchObject({ status: 'error', error: expect.stringContaining('puffo_core') });
  });

  test('says where the keys are missing', async () => {
    await using world = await startWorkerWorld();
    const puffoCore = { ...world.config().puffoCore, slug: 'nobody-9f9f' };
    await expect(world.start({ puffoCore })).rejects.toThrow(/nobody-9f9f\.json/);
  });
});
