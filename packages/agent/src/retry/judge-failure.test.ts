import { seededRandom } from '@puffo/base';
import { describe, expect, it } from 'vitest';
import { FAILURE_CLASSES, type FailedTurn, judgeFailure } from './judge-failure.ts';

function judge(turn: FailedTurn): string {
  return judgeFailure(turn, seededRandom(1)).kind;
}

describe('a failed turn', () => {
  it.each<[FailedTurn['failureClass'], readonly string[]]>([
    ['rate_limited', ['retry', 'retry', 'retry', 'give-up']],
    ['overloaded', ['retry', 'retry', 'retry', 'give-up']],
    ['server_error', ['retry', 'retry', 'retry', 'give-up']],
    ['network', ['retry', 'retry', 'retry', 'give-up']],
    ['crashed', ['retry', 'give-up']],
    ['bad_session', ['retry', 'give-up']],
    ['protocol', ['retry', 'give-up']],
    ['auth', ['hold', 'hold', 'hold']],
    ['billing', ['hold']],
    ['quota', ['hold']],
    ['input_too_large', ['retry', 'give-up']],
    ['bad_model', ['give-up']],
    ['refused', ['give-up']],
    ['timeout', ['give-up']],
    ['cancelled', ['give-up']],
  ])('of class %s leads to %j', (failureClass, expected) => {
    expect(expected.map((_, index) => judge({ failureClass, attempts: index + 1 }))).toEqual(expected);
  });

  it('ends, whatever its class: none is tried for ever', () => {
    for (const failureClass of FAILURE_CLASSES) expect(judge({ failureClass, attempts: 10 })).not.toBe('retry');
  });

  it('waits from 15 seconds on, longer each time, and as long as the provider wishes', () => {
    const random = seededRandom(2);
    const delays = [1, 2, 3].map((attempts) => {
      const verdict = judgeFailure({ failureClass: 'overloaded', attempts }, random);
      return verdict.kind === 'retry' ? verdict.delayMs : NaN;
    });
    for (const [index, most] of [45_000, 90_000, 180_000].entries()) {
      expect(delays[index]).toBeGreaterThanOrEqual(15_000);
      expect(delays[index]).toBeLessThan(most);
    }
    const wish = judgeFailure({ failureClass: 'rate_limited', attempts: 1, retryAfterMs: 400_000 }, random);
    expect(wish).toEqual({ kind: 'retry', delayMs: 400_000 });
    expect(judge({ failureClass: 'rate_limited', attempts: 1, retryAfterMs: 3_600_000 })).toBe('give-up');
  });
});
