import { expect, test } from 'vitest';
import { deliveryText } from './delivery-text.ts';
import { pageRows } from './pending.ts';

test.each([
  ['small messages fill a page', { rows: 32, characters: 32_000 }, 500],
  ['larger ones make it shorter', { rows: 32, characters: 3_200_000 }, 20],
  ['the largest come one by one', { rows: 1, characters: 5_000_000 }, 1],
  ['nothing says nothing', { rows: 0, characters: 0 }, 1],
])('%s', (_what, page, expected) => {
  expect(pageRows(page)).toBe(expected);
});

test('a delivery is the envelope with one entry', () => {
  const envelope = JSON.stringify({ type: 'message_envelope', newer: ['a]}'], recipients: [] });
  const entry = { device_id: 'dev_1' };
  expect(JSON.parse(deliveryText({ envelope }, JSON.stringify(entry)))).toEqual({
    type: 'message_envelope',
    newer: ['a]}'],
    recipients: [entry],
  });
});
