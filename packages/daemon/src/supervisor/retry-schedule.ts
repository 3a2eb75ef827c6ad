// When a failed agent is tried again. spec: daemon-and-cli D-8, D-20
import type { Clock } from '@puffo/base';
import type { LiveFacts } from './plan-tick.ts';

const FIRST_MS = 5000;
const MAX_MS = 300_000;

export interface RetrySchedule {
  readonly condition: LiveFacts['condition'];
  begin(): void;
  /** ms, when it is tried again; `undefined`: only a change of its configuration helps. */
  fail(options: { readonly mayPass: boolean }): number | undefined;
  /** Something else may have helped. */
  hasten(): void;
}

export function createRetrySchedule(clock: Clock): RetrySchedule {
  let state: 'works' | 'waits' | 'given-up' = 'works';
  let failures = 0;
  let startedAt = 0;
  let retryAt = 0;
  return {
    get condition() {
      if (state === 'works') return 'works';
      return state === 'waits' && clock() >= retryAt ? 'retry-due' : 'failed';
    },
    begin() {
      state = 'works';
      startedAt = clock();
    },
    fail({ mayPass }) {
      const now = clock();
      // It did well for a while: this is another story.
      if (now - startedAt >= MAX_MS) failures = 0;
      state = mayPass ? 'waits' : 'given-up';
      retryAt = now + Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures, 10));
      failures++;
      return mayPass ? retryAt : undefined;
    },
    hasten() {
      failures = 0;
      retryAt = clock();
    },
  };
}
