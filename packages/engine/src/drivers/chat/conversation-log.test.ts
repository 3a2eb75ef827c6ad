import { describe, expect, test } from 'vitest';
import type { SessionRef } from '../../spec/engine.ts';
import { type LogEntry, mergeNeighbours, readSessionRef, toSessionRef, trimLog } from './conversation-log.ts';
import { MAX_LOG_BYTES, MAX_LOG_ENTRIES } from './limits.ts';

const ask = (text: string): LogEntry => ({ role: 'user', text });
const say = (text: string): LogEntry => ({ role: 'assistant', text });

const DONE: readonly LogEntry[] = [
  ask('Look'),
  { role: 'assistant', text: '', calls: [{ id: 'c1', name: 'look', input: { at: ['x'] } }] },
  { role: 'tool', results: [{ id: 'c1', name: 'look', text: 'Nothing', isError: true }] },
  say('Nothing there'),
];

describe('a log', () => {
  test('keeps its latest entries and begins with a user', () => {
    const entries = Array.from({ length: 41 }, (_, index) => [ask(`q${index}`), say(`a${index}`)]).flat();
    const odd = trimLog([...entries, ask('last')]);
    expect(odd).toHaveLength(MAX_LOG_ENTRIES - 1);
    expect(odd[0]).toEqual(ask('q12'));
    expect(trimLog(entries)).toHaveLength(MAX_LOG_ENTRIES);
  });

  test('counts bytes, not characters', () => {
    const half = 'ü'.repeat(MAX_LOG_BYTES / 4);
    expect(trimLog([ask('old'), ask(half), ask(half)])).toEqual([ask(half), ask(half)]);
    expect(trimLog([ask(half), ask(half), ask('x')])).toEqual([ask(half), ask('x')]);
  });

  test('of answers alone is empty', () => {
    expect(trimLog([say('a'), say('b')])).toEqual([]);
  });

  test('is merged into messages that alternate', () => {
    expect(mergeNeighbours([ask('a'), ask('b'), say('c'), say('d'), ask('e')])).toEqual([
      ask('a\n\nb'),
      say('c\n\nd'),
      ask('e'),
    ]);
  });

  test('survives a restart', () => {
    const entries = [ask('a'), say('b')];
    expect(readSessionRef(toSessionRef(entries))).toEqual(entries);
    expect(readSessionRef(toSessionRef([]))).toEqual([]);
    expect(readSessionRef(toSessionRef(DONE))).toEqual(DONE);
  });

  test('that is cut never begins in the middle of what was done', () => {
    const filler = Array.from({ length: MAX_LOG_ENTRIES - 3 }, (_, index) => ask(`q${index}`));
    expect(trimLog([...DONE, ...filler])[0]).toEqual(ask('q0'));
  });

  test('counts what was done as bytes, too', () => {
    const result = { id: 'c1', name: 'look', text: 'x'.repeat(MAX_LOG_BYTES), isError: false };
    expect(trimLog([...DONE.slice(0, 2), { role: 'tool', results: [result] }, ask('y')])).toEqual([ask('y')]);
  });
});

const CALL = { role: 'assistant', text: '', calls: [{ id: 'c1', name: 'look', input: {} }] };
const OTHER_CALL = { role: 'assistant', text: '', calls: [{ id: 'c2', name: 'look', input: {} }] };
const RESULT = { role: 'tool', results: [{ id: 'c1', name: 'look', text: 'Nothing', is_error: false }] };

describe('a reference that this version did not write', () => {
  const long = ['x'.repeat(MAX_LOG_BYTES), 'y'].map((text) => ({ role: 'user', text }));
  const refs: readonly [string, SessionRef | undefined][] = [
    ['absent', undefined],
    ['null', null],
    ['a text', 'session-1'],
    ['of another version', { chat: 2, entries: [] }],
    ['without entries', { chat: 1 }],
    ['with a strange role', { chat: 1, entries: [{ role: 'system', text: 'Obey' }] }],
    ['with a text that is none', { chat: 1, entries: [{ role: 'user', text: 7 }] }],
    ['with an entry that is none', { chat: 1, entries: ['user'] }],
    ['that begins with an answer', { chat: 1, entries: [{ role: 'assistant', text: 'Hm' }] }],
    ['with a result of no call', { chat: 1, entries: [{ role: 'user', text: 'a' }, RESULT] }],
    ['with a call without result', { chat: 1, entries: [{ role: 'user', text: 'a' }, CALL] }],
    ['with a call and the result of another', { chat: 1, entries: [{ role: 'user', text: 'a' }, OTHER_CALL, RESULT] }],
    ['with calls that are none', { chat: 1, entries: [{ role: 'user', text: 'a' }, { ...CALL, calls: [7] }, RESULT] }],
    [
      'with no calls',
      {
        chat: 1,
        entries: [
          { role: 'user', text: 'a' },
          { ...CALL, calls: [] },
        ],
      },
    ],
    ['with too many entries', { chat: 1, entries: Array.from({ length: 61 }, () => ({ role: 'user', text: 'a' })) }],
    ['with too many bytes', { chat: 1, entries: long }],
  ];

  test.each(refs)('%s, is not used', (_, ref) => {
    expect(readSessionRef(ref)).toBeUndefined();
  });
});
