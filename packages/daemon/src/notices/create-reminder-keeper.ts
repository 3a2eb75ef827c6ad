// Fires the reminders of one agent: one timer for the next one, however many there are. What was missed while nobody ran is fired
// late, and says so. spec: mcp-tools 10
import { reminderNotice } from '@puffo/agent';
import { type Clock, type Logger, sleep as sleepInTime } from '@puffo/base';
import type { ReminderStore } from '../store/reminders.ts';
import { createWakeablePause, type Sleep } from '../worker/wakeable-pause.ts';

/** A moment that is far away is looked at again: clocks are set, and timers are not for months. */
const MAX_WAIT_MS = 60 * 60_000;

export interface ReminderKeeper extends AsyncDisposable {
  /** A reminder was added or cancelled. */
  changed(): void;
  /** Ends with the keeper; fails when the agent's database does. */
  readonly ended: Promise<void>;
}

export interface ReminderKeeperOptions {
  readonly store: Pick<ReminderStore, 'takeDueReminders'>;
  readonly clock: Clock;
  /** Something waits for a turn. */
  readonly wake: () => void;
  readonly logger: Logger;
  readonly sleep?: Sleep | undefined;
}

export function createReminderKeeper(options: ReminderKeeperOptions): ReminderKeeper {
  const { store, clock, wake, logger, sleep = sleepInTime } = options;
  const pause = createWakeablePause(sleep);

  async function keep(): Promise<void> {
    while (!pause.isEnded) {
      const { fired, nextDueAt } = await store.takeDueReminders(reminderNotice);
      if (fired > 0) {
        logger.info('reminders-fired', { reminders: fired });
        wake();
      }
      const waitMs = nextDueAt === undefined ? MAX_WAIT_MS : Math.max(nextDueAt - clock(), 0);
      await pause.wait(Math.min(waitMs, MAX_WAIT_MS));
    }
  }

  const ended = keep();
  return {
    changed: pause.wake,
    ended,
    async [Symbol.asyncDispose]() {
      pause.end();
      // Its failure is that of `ended`.
      await ended.catch(() => undefined);
    },
  };
}
