import { seededRandom } from '@puffo/base';
import { ClientError } from '@puffo/client';
import { createEnvelopeId } from '@puffo/protocol';
import { startTestNetwork, type TestNetwork, type TestUser, waitFor } from '@puffo/testbed';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PossibleDecision } from '../../src/approvals/create-approvals.ts';
import { type AskingAgent, CALL, createAskingAgent, WAIT_MS } from './asking-agent.ts';

const DAY_MS = 24 * 60 * 60_000;
const ALLOWED = { kind: 'allow', scope: 'once' };
const random = seededRandom(9);

describe('an agent that may not use a tool by itself', () => {
  let network: TestNetwork;
  let alice: TestUser;
  let scene: AskingAgent;

  beforeAll(async () => {
    network = await startTestNetwork();
    alice = await network.signUp('alice');
    await alice.listen();
  });

  afterAll(() => network[Symbol.asyncDispose]());

  beforeEach(async () => {
    scene = await createAskingAgent(alice);
    return () => scene[Symbol.asyncDispose]();
  });

  it('asks its operator once, with its name, the tool and the exact arguments', async () => {
    await using run = await scene.start();
    const decision = run.ask({ command: 'echo "a\u202eb"\n# - sender: alice', timeout: 5 });
    const [question] = await scene.waitForWords(1);
    expect(question?.content).toContain('Your agent Helper (`helper`) asks: may I use the tool `Bash`?');
    expect(question?.content).toContain(String.raw`command: "echo \"a\u202eb\"\n# - sender: alice"`);
    expect(question?.content).toContain('timeout: 5');
    expect(question?.content).toMatch(/Answer in this thread: `y` \(this once\), `n`, or `always`/);
    await scene.answer(run.approvals, 'y');
    expect(await decision).toEqual(ALLOWED);
    expect(scene.said()).toHaveLength(1);
  });

  it.each([
    ['y', ALLOWED],
    [' YES ', ALLOWED],
    ['always', ALLOWED],
    ['n', { kind: 'deny', message: expect.stringMatching(/refused/) }],
  ])('does what the operator answers with %j', async (text, expected) => {
    await using run = await scene.start();
    const decision = run.ask();
    await scene.waitForWords(1);
    expect(await scene.answer(run.approvals, text)).toBe(true);
    expect(await decision).toEqual(expected);
    // The turn heard it: nobody is told twice.
    expect(await scene.notices()).toEqual([]);
  });

  it.each<[string, Partial<PossibleDecision>]>([
    ['says something else', { text: 'why?' }],
    ['is in no thread', { threadRootId: null }],
    ['is in another thread', { threadRootId: createEnvelopeId(random) }],
    ['is not by the operator', { isFromOperator: false }],
    ['is in a channel', { conversation: { kind: 'channel', spaceId: 'sp_1' as never, channelId: 'ch_1' as never } }],
  ])('takes no consent from a message that %s', async (_what, changes) => {
    await using run = await scene.start();
    const decision = run.ask();
    await scene.waitForWords(1);
    expect(await scene.answer(run.approvals, 'y', changes)).toBe(false);
    run.time.pass(WAIT_MS);
    expect(await decision).toMatchObject({ kind: 'deny' });
  });

  it('goes on without it when nobody answers in time, and is told of a late yes, which counts once', async () => {
    await using run = await scene.start();
    const decision = run.ask();
    await scene.waitForWords(1);
    await waitFor(() => run.time.delays.includes(WAIT_MS), 'the wait');
    run.time.pass(WAIT_MS);
    expect(await decision).toEqual({ kind: 'deny', message: expect.stringMatching(/asked and has not answered yet/) });
    // The same turn does not wait for the same thing again.
    expect(await run.ask()).toMatchObject({ kind: 'deny' });
    kept().now += 2 * DAY_MS;
    expect(await scene.answer(run.approvals, 'y')).toBe(true);
    expect(run.wakes()).toBe(1);
    expect(await scene.notices()).toEqual([
      expect.stringMatching(/Your operator allowed the tool Bash with {"command":"rm -rf build"}/),
    ]);
    await using later = await scene.start(2);
    expect(await later.ask({ command: 'rm -rf /' }, AbortSignal.abort())).toMatchObject({ kind: 'deny' });
    expect(await later.ask()).toEqual(ALLOWED);
    const again = later.ask();
    await scene.waitForWords(2);
    await waitFor(() => later.time.delays.includes(WAIT_MS), 'the wait');
    later.time.pass(WAIT_MS);
    expect(await again).toMatchObject({ kind: 'deny' });
  });

  it('forgets a late yes that it does not use within a day', async () => {
    await using run = await scene.start();
    const decision = run.ask();
    await scene.waitForWords(1);
    await waitFor(() => run.time.delays.includes(WAIT_MS), 'the wait');
    run.time.pass(WAIT_MS);
    await decision;
    await scene.answer(run.approvals, 'y');
    kept().now += DAY_MS + 1;
    await using later = await scene.start(2);
    const again = later.ask();
    await scene.waitForWords(2);
    await waitFor(() => later.time.delays.includes(WAIT_MS), 'the wait');
    later.time.pass(WAIT_MS);
    expect(await again).toMatchObject({ kind: 'deny' });
  });

  it('is told of a late no', async () => {
    await using run = await scene.start();
    const decision = run.ask();
    await scene.waitForWords(1);
    await waitFor(() => run.time.delays.includes(WAIT_MS), 'the wait');
    run.time.pass(WAIT_MS);
    await decision;
    await scene.answer(run.approvals, 'n');
    expect(await scene.notices()).toEqual([expect.stringMatching(/^Your operator refused the tool Bash/)]);
  });

  it('does what is always allowed without a question, also after a restart, and nothing else', async () => {
    {
      await using run = await scene.start();
      const decision = run.ask();
      await scene.waitForWords(1);
      await scene.answer(run.approvals, 'always');
      await decision;
    }
    await scene.kept.reopen();
    await using run = await scene.start(2);
    expect(await run.ask()).toEqual(ALLOWED);
    expect(await run.ask()).toEqual(ALLOWED);
    expect(scene.said()).toHaveLength(1);
    const other = run.ask({ ...CALL, timeout: 1 });
    await scene.waitForWords(2);
    await waitFor(() => run.time.delays.includes(WAIT_MS), 'the wait');
    run.time.pass(WAIT_MS);
    expect(await other).toMatchObject({ kind: 'deny' });
    const [rule] = await scene.kept.store.listApprovalRules();
    expect(await scene.kept.store.revokeApprovalRule(rule!.approvalId)).toBe(true);
    expect(await scene.kept.store.listApprovalRules()).toEqual([]);
  });

  it('keeps a question through a crash, asks nobody twice, and goes on with the answer', async () => {
    {
      await using run = await scene.start();
      void run.ask();
      await scene.waitForWords(1);
    }
    await scene.kept.reopen();
    await using run = await scene.start(2);
    expect(await scene.kept.store.listOpenApprovals()).toMatchObject([{ toolName: 'Bash', input: CALL }]);
    // The message is taken again, and comes to the same question.
    const decision = run.ask();
    await waitFor(() => run.time.delays.includes(WAIT_MS), 'the wait');
    await scene.answer(run.approvals, 'y');
    expect(await decision).toEqual(ALLOWED);
    expect(scene.said()).toHaveLength(1);
  });

  it('asks once when it was killed before it could note that it has asked', async () => {
    {
      const store = { ...scene.kept.store, setApprovalPrompt: () => Promise.reject(new Error('killed')) };
      await using run = await scene.start(1, { store: { ...store, withdrawApproval: () => Promise.resolve() } });
      expect(await run.ask()).toMatchObject({ kind: 'deny' });
    }
    await scene.kept.reopen();
    await using run = await scene.start(2);
    await scene.waitForWords(1);
    expect(await scene.answer(run.approvals, 'y')).toBe(true);
    expect(await scene.notices()).toHaveLength(1);
    expect(scene.said()).toHaveLength(1);
  });

  it('hears after a crash of a decision that the engine never heard', async () => {
    {
      const store = { ...scene.kept.store, stopWaiting: () => new Promise<never>(() => undefined) };
      await using run = await scene.start(1, { store });
      void run.ask();
      await scene.waitForWords(1);
      await scene.answer(run.approvals, 'y');
    }
    await scene.kept.reopen();
    await using run = await scene.start(2);
    expect(await scene.notices()).toEqual([expect.stringMatching(/^Your operator allowed/)]);
    expect(await run.ask()).toEqual(ALLOWED);
  });

  it('asks about parallel calls one by one', async () => {
    await using run = await scene.start();
    const decisions = [run.ask({ command: 'cmd-1' }), run.ask({ command: 'cmd-2' })];
    const words = await scene.waitForWords(2);
    const second = words.find(({ content }) => JSON.stringify(content).includes('cmd-2'));
    const first = words.find(({ content }) => JSON.stringify(content).includes('cmd-1'));
    await scene.answer(run.approvals, 'n', { threadRootId: second!.envelopeId });
    await scene.answer(run.approvals, 'y', { threadRootId: first!.envelopeId });
    expect(await Promise.all(decisions)).toMatchObject([ALLOWED, { kind: 'deny' }]);
  });

  it('withdraws the question of a turn that ends, and says so to who answers it later', async () => {
    await using run = await scene.start();
    const turn = new AbortController();
    const decision = run.ask(CALL, turn.signal);
    await scene.waitForWords(1);
    await waitFor(() => run.time.delays.includes(WAIT_MS), 'the wait');
    turn.abort();
    expect(await decision).toMatchObject({ kind: 'deny' });
    expect(await scene.kept.store.listOpenApprovals()).toEqual([]);
    expect(await scene.answer(run.approvals, 'y')).toBe(true);
    const [question, note] = await scene.waitForWords(2);
    expect(note).toMatchObject({
      content: expect.stringMatching(/Nothing was run/),
      threadRootId: question?.envelopeId,
    });
    expect(await scene.notices()).toEqual([]);
  });

  it('keeps the question open when the agent itself stops', async () => {
    await using run = await scene.start();
    const turn = new AbortController();
    const decision = run.ask(CALL, turn.signal);
    await scene.waitForWords(1);
    await waitFor(() => run.time.delays.includes(WAIT_MS), 'the wait');
    run.approvals.stopAsking();
    turn.abort();
    expect(await decision).toMatchObject({ kind: 'deny' });
    expect(await scene.kept.store.listOpenApprovals()).toHaveLength(1);
  });

  it('takes an answer that comes again for the answer that it was', async () => {
    await using run = await scene.start();
    const decision = run.ask();
    await scene.waitForWords(1);
    const envelopeId = createEnvelopeId(random);
    await scene.answer(run.approvals, 'n', { envelopeId });
    expect(await scene.answer(run.approvals, 'n', { envelopeId })).toBe(true);
    expect(await decision).toMatchObject({ kind: 'deny' });
    expect(await scene.answer(run.approvals, 'y')).toBe(true);
    expect((await scene.waitForWords(2))[1]?.content).toMatch(/answered with no before/);
    expect(await run.ask()).toMatchObject({ kind: 'deny', message: expect.stringMatching(/refused/) });
  });

  it('refuses what nobody answered for seven days, and says so', async () => {
    {
      await using run = await scene.start();
      const decision = run.ask();
      await scene.waitForWords(1);
      await waitFor(() => run.time.delays.includes(WAIT_MS), 'the wait');
      run.time.pass(WAIT_MS);
      await decision;
    }
    kept().now += 7 * DAY_MS + 1;
    await scene.kept.reopen();
    await using run = await scene.start(2);
    const [question, note] = await scene.waitForWords(2);
    expect(note).toMatchObject({ content: expect.stringMatching(/refused/), threadRootId: question?.envelopeId });
    expect(await scene.kept.store.listOpenApprovals()).toEqual([]);
    expect(await scene.answer(run.approvals, 'y')).toBe(true);
    expect((await scene.waitForWords(3))[2]?.content).toMatch(/nobody answered in time/);
  });

  it('refuses when there is no operator', async () => {
    await using run = await scene.start(1, { operatorSlug: () => '' });
    expect(await run.ask()).toEqual({ kind: 'deny', message: expect.stringMatching(/has none who could be asked/) });
    expect(await scene.kept.store.listOpenApprovals()).toEqual([]);
  });

  it('refuses when the question cannot be sent, and keeps none that nobody can answer', async () => {
    const error = new ClientError('Cannot send', { code: 'refused' });
    const { outbox } = scene.agent.client;
    await using run = await scene.start(1, {
      client: {
        outbox: {
          ...outbox,
          async send(message) {
            const { envelopeId } = await outbox.send({ ...message, route: { kind: 'dm', recipientSlug: alice.slug } });
            return { envelopeId, sent: Promise.reject(error) };
          },
        },
      },
    });
    expect(await run.ask()).toEqual({ kind: 'deny', message: expect.stringMatching(/could not be sent/) });
    await waitFor(async () => (await scene.kept.store.listOpenApprovals()).length === 0, 'the question to be gone');
  });

  it('refuses when its own database fails', async () => {
    const store = { ...scene.kept.store, beginApproval: () => Promise.reject(new Error('disk full')) };
    await using run = await scene.start(1, { store });
    expect(await run.ask()).toMatchObject({ kind: 'deny' });
  });

  it('takes an answer for a late one when who waited for it has failed', async () => {
    const setApprovalPrompt: typeof scene.kept.store.setApprovalPrompt = async (...call) => {
      await scene.kept.store.setApprovalPrompt(...call);
      throw new Error('disk full');
    };
    await using run = await scene.start(1, { store: { ...scene.kept.store, setApprovalPrompt } });
    expect(await run.ask()).toMatchObject({ kind: 'deny' });
    await scene.waitForWords(1);
    expect(await scene.answer(run.approvals, 'y')).toBe(true);
    expect(run.wakes()).toBe(1);
    expect(await scene.notices()).toHaveLength(1);
  });

  it('asks twenty things at most', async () => {
    await using run = await scene.start();
    const decisions = Array.from({ length: 20 }, (_, at) => run.ask({ at }));
    await scene.waitForWords(20);
    expect(await run.ask()).toEqual({ kind: 'deny', message: expect.stringMatching(/Too many/) });
    await waitFor(() => run.time.delays.filter((delay) => delay === WAIT_MS).length === 20, 'all waits');
    run.time.pass(WAIT_MS);
    await Promise.all(decisions);
  });

  it('is decided at the computer as well', async () => {
    await using run = await scene.start();
    const decision = run.ask();
    await scene.waitForWords(1);
    const [open] = await scene.kept.store.listOpenApprovals();
    expect(await run.approvals.decide(open!.approvalId, 'allow')).toMatchObject({ kind: 'decided', isWaitedFor: true });
    expect(await decision).toEqual(ALLOWED);
    expect(await run.approvals.decide(open!.approvalId, 'deny')).toMatchObject({ kind: 'closed' });
    expect(await run.approvals.decide('apr_none', 'deny')).toEqual({ kind: 'unknown' });
  });

  function kept() {
    return scene.kept.clock;
  }
});
