import { writeFile } from 'node:fs/promises';
import type { VerifiedMessage } from '@puffo/protocol';
import { waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { listApprovals } from '../../src/operations/approvals.ts';
import { createAskingEngine } from '../kit/asking-engine.ts';
import { startWorkerWorld, type WorkerWorld } from '../worker/worker-world.ts';

const COMMAND = { command: 'npm publish' };

function wordsOf({ alice, agentKeys }: WorkerWorld): readonly VerifiedMessage[] {
  return alice.inbox.messages.filter(({ senderSlug }) => senderSlug === agentKeys.slug);
}

function textOf(content: unknown): string {
  return typeof content === 'string' ? content : '';
}

async function waitForWord(world: WorkerWorld, text: string): Promise<VerifiedMessage> {
  const find = () => wordsOf(world).find(({ content }) => textOf(content).includes(text));
  await waitFor(() => find() !== undefined, `the agent to say ${text}`);
  return find()!;
}

async function answer({ alice, agentKeys }: WorkerWorld, text: string, question: VerifiedMessage): Promise<void> {
  const { sent } = await alice.client.outbox.send({
    route: { kind: 'dm', recipientSlug: agentKeys.slug },
    contentType: 'text/plain',
    content: text,
    threadRootId: question.envelopeId,
  });
  await sent;
}

/** As the list of the command has it, while the agent works. */
async function findOpenApproval({ home }: WorkerWorld): Promise<string> {
  // Any content is an agent of the home.
  await writeFile(home.agent('helper').agentFile, '');
  const { open } = await listApprovals({ home });
  const [approval] = open;
  if (approval === undefined) throw new Error('there is no open question');
  return approval.approvalId;
}

/** Publishes when it may, whoever asks for it. */
async function startPublisher(environment: Record<string, string> = {}) {
  const published: string[] = [];
  const texts: string[] = [];
  const engine = createAskingEngine(async ({ text, ask }) => {
    texts.push(text);
    if (text.includes('what time')) return 'noon';
    if (!text.includes('publish') || text.includes('refused')) return 'fine';
    const decision = await ask('Bash', COMMAND);
    if (decision.kind === 'deny') return `not published: ${decision.message}`;
    published.push(text);
    return 'published';
  });
  const world = await startWorkerWorld({ environment, openEngine: async () => ({ engine, model: 'm' }) });
  await world.start();
  return { world, published, texts };
}

describe('an agent that asks before it acts', () => {
  test('statement 53: mode `default` sends the operator a DM, and `y` runs the command', async () => {
    const { world, published } = await startPublisher();
    await using _world = world;
    await world.alice.say(world.channel, `please publish @${world.agentKeys.slug}`);
    const question = await waitForWord(world, 'may I use the tool `Bash`');
    expect(question.content).toContain('command: "npm publish"');
    expect(question.route.kind).toBe('dm');
    await answer(world, 'y', question);
    const done = await waitForWord(world, 'published');
    expect(done.route.kind).toBe('channel');
    expect(published).toHaveLength(1);
    await world.stop();
    // The answer itself started no turn.
    expect(await world.states()).toEqual({ answered: 1 });
  });

  test('statement 53: `n` denies it', async () => {
    const { world, published } = await startPublisher();
    await using _world = world;
    await world.alice.say(world.channel, `please publish @${world.agentKeys.slug}`);
    await answer(world, 'n', await waitForWord(world, 'may I use'));
    await waitForWord(world, 'not published: Your operator refused');
    expect(published).toEqual([]);
  });

  test('statement 53: silence denies it, other conversations go on, and a late `y` has it done', async () => {
    const { world, published, texts } = await startPublisher({ PUFFO_PERMISSION_TIMEOUT: '1' });
    await using _world = world;
    const { envelopeId } = await world.alice.say(world.channel, `please publish @${world.agentKeys.slug}`);
    const question = await waitForWord(world, 'may I use');
    await waitForWord(world, 'not published: Your operator was asked');
    await world.alice.say(world.channel, `what time is it @${world.agentKeys.slug}?`);
    await waitForWord(world, 'noon');
    expect(published).toEqual([]);
    await answer(world, 'y', question);
    await waitFor(() => published.length === 1, 'the late decision');
    expect(texts.at(-1)).toMatch(
      /^\[puffo-agent system message\] Your operator allowed the tool Bash with \{"command":"npm publish"\}/,
    );
    expect(texts.at(-1)).toContain(`- channel_id: ${world.channel.channelId}`);
    await waitFor(() => wordsOf(world).some(({ content }) => content === 'published'), 'the news');
    const news = wordsOf(world).find(({ content }) => content === 'published');
    expect([news?.route.kind, news?.threadRootId, news?.replyToId]).toEqual(['channel', null, null]);
    expect(envelopeId).not.toBe(news?.envelopeId);
  });

  test('statement 53: without an operator it is denied', async () => {
    const { world, published } = await startPublisher();
    await using _world = world;
    await world.stop();
    const { puffoCore } = world.config();
    await world.start({ puffoCore: { ...puffoCore, operatorSlug: '' } });
    await world.alice.say(world.channel, `please publish @${world.agentKeys.slug}`);
    await waitForWord(world, 'not published: This needs the consent of an operator');
    expect(published).toEqual([]);
  });

  test('an open question survives a restart of the agent, and its answer counts', async () => {
    const { world, published, texts } = await startPublisher();
    await using _world = world;
    await world.alice.say(world.channel, `please publish @${world.agentKeys.slug}`);
    const question = await waitForWord(world, 'may I use');
    await world.stop();
    await answer(world, 'y', question);
    await world.start();
    await waitFor(() => published.length >= 1, 'the publishing');
    expect(wordsOf(world).filter(({ content }) => textOf(content).includes('may I use'))).toHaveLength(1);
    expect(texts.length).toBeGreaterThan(1);
  });

  test('an answer at the computer reaches the agent that waits', async () => {
    const { world, published } = await startPublisher();
    await using _world = world;
    await world.alice.say(world.channel, `please publish @${world.agentKeys.slug}`);
    const question = await waitForWord(world, 'may I use');
    const approvalId = await findOpenApproval(world);
    expect(await world.worker.changeApproval({ id: 'helper', approvalId, change: 'always' })).toEqual({
      kind: 'decided',
      state: 'always',
    });
    await waitForWord(world, 'published');
    await world.alice.say(world.channel, `please publish again @${world.agentKeys.slug}`);
    await waitFor(() => published.length === 2, 'the second time');
    // Nobody was asked.
    expect(wordsOf(world).filter(({ content }) => textOf(content).includes('may I use'))).toEqual([question]);
    expect(await world.worker.changeApproval({ id: 'helper', approvalId, change: 'revoke' })).toMatchObject({
      kind: 'revoked',
    });
  });

  test('somebody else cannot decide', async () => {
    const { world, published } = await startPublisher();
    await using _world = world;
    const bob = await world.network.signUp('bob');
    await world.alice.say(world.channel, `please publish @${world.agentKeys.slug}`);
    const question = await waitForWord(world, 'may I use');
    const { sent } = await bob.client.outbox.send({
      route: { kind: 'dm', recipientSlug: world.agentKeys.slug },
      contentType: 'text/plain',
      content: 'y',
      threadRootId: question.envelopeId,
    });
    await sent;
    await answer(world, 'n', question);
    await waitForWord(world, 'not published: Your operator refused');
    expect(published).toEqual([]);
  });
});
