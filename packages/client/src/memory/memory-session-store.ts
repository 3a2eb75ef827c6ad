// For tests, and for programs that make a new subkey with each start.
import type { SessionKeys } from '@puffo/protocol';
import type { SessionStore } from '../session/session.ts';

export function createMemorySessionStore(keys?: SessionKeys): SessionStore {
  let held = keys;
  return {
    async load() {
      return held;
    },
    async save(saved) {
      held = saved;
    },
  };
}
