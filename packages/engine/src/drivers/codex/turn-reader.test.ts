import type { JsonObject } from '@puffo/base';
import { describe, expect, test } from 'vitest';
import { createTurnReader } from './turn-reader.ts';

function item(method: 'started' | 'completed', value: JsonObject, turnId = 'mine') {
  return { method: `item/${method}`, params: { turnId, item: value } };
}

function counted(total: number, last: number) {
  const usage = (count: number) => ({ inputTokens: count, outputTokens: 1 });
  return {
    method: 'thread/tokenUsage/updated',
    params: { turnId: 'mine', tokenUsage: { total: usage(total), last: usage(last) } },
  };
}

const SAID = { type: 'userMessage', id: 'u' };

describe('a turn of codex', () => {
  test('is accepted once, also when text was added to it', () => {
    const reader = createTurnReader('mine');
    expect(reader.read(item('completed', SAID))).toEqual([{ kind: 'accepted' }]);
    expect(reader.read(item('completed', SAID))).toEqual([{ kind: 'progress' }]);
  });

  test('is not told of others', () => {
    const reader = createTurnReader('mine');
    expect(reader.read(item('completed', { type: 'agentMessage', id: 'a', text: 'Not yours' }, 'other'))).toEqual([]);
    expect(reader.read({ method: 'turn/completed', params: { turn: { id: 'other', status: 'completed' } } })).toEqual(
      [],
    );
    expect(reader.ending).toBeUndefined();
  });

  test('says nothing after its end', () => {
    const reader = createTurnReader('mine');
    reader.read({ method: 'turn/completed', params: { turn: { id: 'mine', status: 'completed' } } });
    expect(reader.ending).toEqual({ kind: 'completed' });
    expect(reader.read(item('completed', { type: 'agentMessage', id: 'a', text: 'Late' }))).toEqual([]);
  });

  test('counts what it used itself, however often the same is said', () => {
    const reader = createTurnReader('mine');
    reader.read(counted(1100, 100));
    reader.read(counted(1150, 50));
    reader.read(counted(1150, 50));
    expect(reader.usage.inputTokens).toBe(150);
  });

  test('begins a tool that is only heard of at its end, and ends it once', () => {
    const reader = createTurnReader('mine');
    const call = { type: 'mcpToolCall', id: 'c', server: 's', tool: 't', arguments: {}, status: 'failed' };
    expect(reader.read(item('completed', call)).map(({ kind }) => kind)).toEqual(['tool_start', 'tool_end']);
  });

  test('knows whose tool runs', () => {
    const reader = createTurnReader('mine');
    reader.read(item('started', { type: 'mcpToolCall', id: 'c', server: 'puffo', tool: 't' }));
    expect(reader.isCalling('mcp__puffo__')).toBe(true);
    reader.read(item('completed', { type: 'mcpToolCall', id: 'c', server: 'puffo', tool: 't', status: 'completed' }));
    expect(reader.isCalling('mcp__puffo__')).toBe(false);
  });

  test.each([
    ['declined', true],
    ['failed', true],
    ['completed', false],
  ] as const)('with a command that is %s says whether it worked', (status, isError) => {
    const reader = createTurnReader('mine');
    reader.read(item('started', { type: 'commandExecution', id: 'c', command: 'ls', cwd: '/w' }));
    const events = reader.read(item('completed', { type: 'commandExecution', id: 'c', status }));
    expect(events).toEqual([{ kind: 'tool_end', callId: 'c', isError }]);
  });
});
