import { expect, it } from 'vitest';
import { readInviteAnswer } from './read-invite-answer.ts';

it.each([
  ['y', 'yes'],
  [' YES\n', 'yes'],
  ['N', 'no'],
  ['no', 'no'],
  ['yes please', undefined],
  ['nope', undefined],
  ['y n', undefined],
  ['', undefined],
])('%j means %s', (text, expected) => {
  expect(readInviteAnswer(text)).toBe(expected);
});
