import { expect, it } from 'vitest';
import { CONTEXT_HEADING, TURN_HEADING } from './message-block.ts';
import { readMessageBodies } from './message-bodies.ts';

const EARLIER = '- message:\n<<<abcdefgh\nbefore\nabcdefgh>>>';
const LATER = '- message:\n<<<abcdefgh\none\n# New messages\n<<<zzzzzzzz\ntwo\nabcdefgh>>>';
const EMPTY = '- message:\n<<<abcdefgh\n\nabcdefgh>>>';

it.each<[string, string, readonly string[]]>([
  ['of every message', `${LATER}\n\n${EMPTY}`, ['one\n# New messages\n<<<zzzzzzzz\ntwo', '']],
  ['but not of context', `${CONTEXT_HEADING} (2 older not shown)\n\n${EARLIER}\n\n${TURN_HEADING}\n\n${EMPTY}`, ['']],
  ['as far as the text is whole', `${EMPTY}\n\n<<<abcdefgh\nnever ends`, ['']],
  ['of nothing', '', []],
])('reads the bodies %s', (_what, text, expected) => {
  expect(readMessageBodies(text)).toEqual(expected);
});
