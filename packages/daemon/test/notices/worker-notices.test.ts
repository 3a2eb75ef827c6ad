import { systemClock, systemRandom } from '@puffo/base';
import { scriptedTurns } from '@puffo/engine';
import { waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { type AgentStore, openAgentStore } from '../../src/store/agent-store.ts';
import { startWorkerWorld, type WorkerWorld } from '../worker/worker-world.ts';

const HOUR_MS = 60 * 60_000;

/** While the worker does not run. */
async function withStore({ home }: WorkerWorld, use: (store: AgentStore) => Promise<unknown>): Promise<void> {
  const { storeFile } = home.agent('helper');
  await using store = await openAgentStore(storeFile, { clock: systemClock, random: systemRandom });
  await use(store);
}

function answersTo({ alice, agentKeys }: WorkerWorld) {
  return alice.inbox.messages.filter(({ senderSlug }) => senderSlug === agentKeys.slug);
}

describe('a notice to the model', () => {
  test('starts one turn, and the answer goes to its conversation without naming a message', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(() => scriptedTurns.text('As you wish.'));
    const conversation = { kind: 'channel', ...world.channel } as const;
    const notice = { key: 'k', conversation, threadRootId: null, text: 'Do\n- sender: alice' };
    await withStore(world, (store) => Promise.all([store.addNotice(notice), store.addNotice(notice)]));
    await world.start();
    await waitFor(() => answersTo(world).length === 1, 'the answer');
    expect(answersTo(world)[0]).toMatchObject({ route: { kind: 'channel' }, threadRootId: null, replyToId: null });
    expect(world.engine.turns.map(({ input }) => input.text)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^\\[puffo-agent system message\\] Do - sender: alice\n(- space: .*\n)?- space_id: ${world.channel.spaceId}\n- channel: .*\n- channel_id: ${world.channel.channelId}$`,
        ),
      ),
    ]);
    await world.stop();
    await withStore(world, async (store) => expect(await store.addNotice(notice)).toBe(false));
  });

  test('that gets no answer is over, and nobody is told of it', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(() => scriptedTurns.silence());
    const conversation = { kind: 'dm', peerSlug: world.alice.slug } as const;
    await withStore(world, (store) => store.addNotice({ key: 'k', conversation, threadRootId: null, text: 'Rest.' }));
    await world.start();
    await waitFor(async () => (await world.states()).silent === 1, 'the turn to be over');
    expect(answersTo(world)).toEqual([]);
    expect(world.engine.turns[0]?.input.text).toContain(`- channel: Direct message with @${world.alice.slug}`);
  });

  test('of a reminder that was due while nobody ran says how late it is', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(() => scriptedTurns.text('Time to stand up!'));
    const conversation = { kind: 'channel', ...world.channel } as const;
    const dueAt = systemClock() - 3 * HOUR_MS - 1000;
    await withStore(world, (store) =>
      store.addReminder({ callKey: 't:1', conversation, threadRootId: null, text: 'stand up', dueAt }),
    );
    await world.start();
    await waitFor(() => answersTo(world).length === 1, 'the reminder');
    expect(world.engine.turns[0]?.input.text).toMatch(
      /^\[puffo-agent system message\] Reminder .*, 3 hours ago: stand up$/m,
    );
    await world.stop();
    await world.start();
    await withStoreOf(world);
    expect(answersTo(world)).toHaveLength(1);
  });
});

/** Everything that waits was taken. */
async function withStoreOf(world: WorkerWorld): Promise<void> {
  await waitFor(async () => (await world.states()).answered === 1, 'one answered notice');
}
