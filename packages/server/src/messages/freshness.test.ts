import { describe, expect, test } from 'vitest';
import { type Freshness, isHeld, toSentFreshness } from './freshness.ts';

function freshness(mode: Freshness['mode'], baseline: number | null, seen: number): Freshness {
  return { mode, context_baseline_seq: baseline, seen_seq: seen };
}

describe('isHeld', () => {
  test.each<[Freshness, number, boolean]>([
    [freshness('require_current', null, 0), 0, false],
    [freshness('require_current', null, 0), 1, true],
    [freshness('require_current', 3, 7), 7, false],
    [freshness('require_current', 3, 7), 8, true],
    [freshness('require_current', 9, 7), 8, false],
    [freshness('require_current', 9, 7), 10, true],
    [freshness('require_current', 0, 7), 5, false],
    [freshness('send_anyway', null, 0), 8, false],
  ])('%j with newest %i: %s', (known, latest, expected) => {
    expect(isHeld(known, latest)).toBe(expected);
  });
});

describe('toSentFreshness', () => {
  test.each<[Freshness, number, number, number]>([
    [freshness('require_current', null, 0), 0, 0, 0],
    [freshness('require_current', null, 7), 7, 7, 7],
    [freshness('require_current', 3, 7), 7, 3, 7],
    // What was seen is deleted since.
    [freshness('require_current', 3, 7), 0, 3, 7],
    [freshness('send_anyway', null, 2), 9, 9, 9],
    [freshness('send_anyway', 1, 2), 9, 1, 9],
  ])('%j with newest %i: baseline %i, newest before %i', (known, latest, baseline, before) => {
    expect(toSentFreshness(known, latest)).toEqual({
      ...known,
      context_baseline_seq: baseline,
      latest_seq_before_send: before,
    });
  });
});
