// What the tools of an agent keep: records of calls, reminders, what the agent chose for itself.
import { createReminderStore, type ReminderStore, type ReminderStoreOptions } from './reminders.ts';
import { createSelfSettingsStore, type SelfSettingsStore } from './self-settings.ts';
import { createToolCallStore, type ToolCallStore } from './tool-calls.ts';

export interface ToolStore extends ToolCallStore, ReminderStore, SelfSettingsStore {}

export function createToolStore(options: ReminderStoreOptions): ToolStore {
  const { database, clock } = options;
  return {
    ...createToolCallStore(database, clock),
    ...createReminderStore(options),
    ...createSelfSettingsStore(database, clock),
  };
}
