import { silentLogger } from '@puffo/base';
import { waitFor } from '@puffo/testbed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReminderKeeper } from '../../src/notices/create-reminder-keeper.ts';
import type { NewReminder } from '../../src/store/reminders.ts';
import { createManualSleep } from '../kit/manual-sleep.ts';
import { ALICE, CHANNEL, idOf, NOW, openStore, SPACE, type TestStore } from '../store/kit.ts';

const HOUR_MS = 60 * 60_000;

function reminderOf(callKey: string, changes: Partial<NewReminder> = {}): NewReminder {
  return {
    callKey,
    conversation: { kind: 'channel', spaceId: SPACE, channelId: CHANNEL },
    threadRootId: idOf('root'),
    text: `do ${callKey}`,
    dueAt: NOW + HOUR_MS,
    ...changes,
  };
}

describe('reminders', () => {
  let kept: TestStore;

  beforeEach(async () => {
    kept = await openStore();
  });

  afterEach(() => kept[Symbol.asyncDispose]());

  async function add(callKey: string, changes: Partial<NewReminder> = {}): Promise<string> {
    const addition = await kept.store.addReminder(reminderOf(callKey, changes));
    if (addition.kind !== 'added') throw new Error('it is full');
    return addition.reminder.reminderId;
  }

  function fire(): Promise<{ readonly fired: number; readonly nextDueAt: number | undefined }> {
    return kept.store.takeDueReminders(({ text }) => text);
  }

  it('are listed by their moment, and survive a restart', async () => {
    await add('b', { dueAt: NOW + 2 * HOUR_MS });
    await add('a');
    const store = await kept.reopen();
    expect((await store.listReminders()).map(({ text }) => text)).toEqual(['do a', 'do b']);
  });

  it('are one, when the same call adds them twice', async () => {
    expect(await add('a')).toBe(await add('a'));
    expect(await kept.store.listReminders()).toHaveLength(1);
  });

  it('wait in the inbox when they are due, once, in their thread, as a message of nobody', async () => {
    const id = await add('a');
    await add('b', { dueAt: NOW + 2 * HOUR_MS });
    expect(await fire()).toEqual({ fired: 0, nextDueAt: NOW + HOUR_MS });
    kept.clock.now = NOW + HOUR_MS;
    expect(await fire()).toEqual({ fired: 1, nextDueAt: NOW + 2 * HOUR_MS });
    const store = await kept.reopen();
    expect(await store.takeDueReminders(({ text }) => text)).toMatchObject({ fired: 0 });
    expect(await store.listWaiting()).toMatchObject([
      { envelopeId: `notice_${id}`, senderType: 'system', threadRootId: idOf('root'), text: 'do a', band: 1 },
    ]);
  });

  it('that are cancelled never fire', async () => {
    const id = await add('a', { conversation: { kind: 'dm', peerSlug: ALICE } });
    expect(await kept.store.cancelReminder(id)).toBe(true);
    expect(await kept.store.cancelReminder(id)).toBe(false);
    kept.clock.now += 2 * HOUR_MS;
    expect(await fire()).toEqual({ fired: 0, nextDueAt: undefined });
    expect(await kept.store.listWaiting()).toEqual([]);
  });

  it('are fifty at most', async () => {
    for (let count = 0; count < 50; count++) await add(`call ${count}`);
    expect(await kept.store.addReminder(reminderOf('one more'))).toEqual({ kind: 'full', maxOpen: 50 });
    expect(await kept.store.addReminder(reminderOf('call 7'))).toMatchObject({ kind: 'added' });
  });

  it('are kept by one timer for the next one, which follows what is added', async () => {
    const time = createManualSleep();
    let wakes = 0;
    await using keeper = createReminderKeeper({
      store: kept.store,
      clock: () => kept.clock.now,
      wake: () => wakes++,
      logger: silentLogger,
      sleep: time.sleep,
    });
    await waitFor(() => time.delays.length === 1, 'the keeper to wait');
    await add('a', { dueAt: NOW + 5000 });
    keeper.changed();
    await waitFor(() => time.delays.includes(5000), 'the keeper to wait for it');
    expect(time.delays).toEqual([5000]);
    kept.clock.now += 5000;
    time.pass(5000);
    await waitFor(() => wakes === 1, 'the reminder');
    expect(await kept.store.listWaiting()).toHaveLength(1);
  });

  it('that were missed while nobody ran fire late, and say so', async () => {
    await add('a');
    kept.clock.now = NOW + 4 * HOUR_MS;
    const store = await kept.reopen();
    const time = createManualSleep();
    await using _keeper = createReminderKeeper({
      store,
      clock: () => kept.clock.now,
      wake: () => undefined,
      logger: silentLogger,
      sleep: time.sleep,
    });
    await waitFor(async () => (await store.listWaiting()).length === 1, 'the reminder');
    const [notice] = await store.listWaiting();
    expect(notice?.text).toMatch(/this was due at \S+, 3 hours ago: do a$/);
  });
});
