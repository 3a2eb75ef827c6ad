import { expect, it } from 'vitest';
import { createCommitOrder, forgetMissing, noteCommit } from './commit-order.ts';

function note(order: ReturnType<typeof createCommitOrder>, seq: number) {
  return noteCommit(order, { seq, now: 1000 });
}

it('calls what comes one after the other in order, and repetitions too', () => {
  const order = createCommitOrder(5);
  expect([6, 7, 8, 7, 3].map((seq) => note(order, seq))).toEqual(Array(5).fill('in-order'));
});

it('calls what overtook another early, until the other came', () => {
  const order = createCommitOrder(5);
  expect([7, 8, 6, 9].map((seq) => note(order, seq))).toEqual(['early', 'early', 'in-order', 'in-order']);
});

it('lets through what lies below the lowest missing one', () => {
  const order = createCommitOrder(0);
  expect([2, 5, 1, 3, 6, 4, 7].map((seq) => note(order, seq))).toEqual([
    'early',
    'early',
    'in-order',
    'in-order',
    'early',
    'in-order',
    'in-order',
  ]);
});

it('goes on when a number that nobody has is forgotten', () => {
  const order = createCommitOrder(0);
  note(order, 2);
  expect([...order.missing]).toEqual([[1, 1000]]);
  forgetMissing(order, [1]);
  expect(note(order, 3)).toBe('in-order');
});

it('gives up following when too much is missing', () => {
  const order = createCommitOrder(0);
  expect(note(order, 1_000_000)).toBe('lost');
  expect(order.missing.size).toBe(0);
  expect(note(order, 1_000_001)).toBe('in-order');
});
