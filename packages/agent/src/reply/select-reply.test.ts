import { describe, expect, it } from 'vitest';
import { type FinishedTurn, type Reply, selectReply } from './select-reply.ts';

const EMPTY: FinishedTurn = { texts: [], sends: 0, declined: false, speaksByText: false };

describe('of a turn', () => {
  it.each<[string, Partial<FinishedTurn>, Reply]>([
    ['that sent something, nothing else is said', { sends: 1, texts: ['done'] }, { kind: 'said' }],
    ['that sent something and is silent, neither', { sends: 1, texts: ['[SILENT]'] }, { kind: 'said' }],
    ['with the marker, nothing is said', { texts: ['well [SILENT] then'] }, { kind: 'silent' }],
    ['with the marker in one part, nothing is said', { texts: ['hm', '[SILENT]'] }, { kind: 'silent' }],
    ['that declined, nothing is said', { declined: true, texts: ['I pass'] }, { kind: 'silent' }],
    ['with the marker in other letters, it is text', { texts: ['[silent]'] }, post('[silent]')],
    ['without anything, nothing is said, and that is not silence', {}, { kind: 'nothing' }],
    ['with blank texts, the same', { texts: [' \n', ''] }, { kind: 'nothing' }],
    ['with one text, it is posted as it is', { texts: ['  two\nlines '] }, post('two\nlines')],
    ['with several, each is a bullet', { texts: ['one', '', 'two\nlines'] }, post('- one\n- two\n  lines')],
    ['that speaks by text, parts are paragraphs', { texts: ['a', 'b'], speaksByText: true }, post('a\n\nb', false)],
    ['that explains API Error, it is text', { texts: ['API Error means…'] }, post('API Error means…')],
  ])('%s', (_what, turn, expected) => {
    expect(selectReply({ ...EMPTY, ...turn })).toEqual(expected);
  });
});

function post(text: string, isFallback = true): Reply {
  return { kind: 'post', text, isFallback };
}
