import { describe, expect, test } from 'vitest';
import type { SessionRef } from '../../spec/engine.ts';
import { type LogEntry, mergeNeighbours, readSessionRef, toSessionRef, trimLog } from './conversation-log.ts';
import { MAX_LOG_BYTES, MAX_LOG_ENTRIES } from './limits.ts';

const ask = (text: string): LogEntry => ({ role: 'user', text });
const say = (text: string): LogEntry => ({ role: 'assistant', text });

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
  });
});

describe('a reference that this version did not write', () => {
  const long = [ask('x'.repeat(MAX_LOG_BYTES)), ask('y')].map(({ role, text }) => ({ role, text }));
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
    ['with too many entries', { chat: 1, entries: Array.from({ length: 61 }, () => ({ role: 'user', text: 'a' })) }],
    ['with too many bytes', { chat: 1, entries: long }],
  ];

  test.each(refs)('%s, is not used', (_, ref) => {
    expect(readSessionRef(ref)).toBeUndefined();
  });
});
