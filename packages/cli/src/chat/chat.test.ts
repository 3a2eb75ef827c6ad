import type { AgentState } from '@puffo/protocol';
import { parseSlug } from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { createPaint } from '../output/paint.ts';
import { readChatLine } from './read-line.ts';
import { describeAgents } from './watch-agents.ts';

const ID = 'msg_0e37df36-f698-41e6-9dbb-12d92ee4a0f8';

describe('a line typed in chat', () => {
  test.each([
    ['hello', { kind: 'say', text: 'hello', thread: null }],
    [' indented ', { kind: 'say', text: ' indented ', thread: null }],
    ['//path', { kind: 'say', text: '/path', thread: null }],
    ['', { kind: 'nothing' }],
    ['  ', { kind: 'nothing' }],
    ['/quit', { kind: 'quit' }],
    ['/who', { kind: 'who' }],
    ['/help', { kind: 'help' }],
    ['/file  my plan.pdf', { kind: 'file', path: 'my plan.pdf' }],
    [`/thread ${ID} I do`, { kind: 'say', text: 'I do', thread: ID }],
  ])('%j is understood', (line, meant) => {
    expect(readChatLine(line)).toEqual(meant);
  });

  test.each([
    ['/file', '/file needs a path'],
    ['/thread', '/thread needs the id of a message and a text'],
    [`/thread ${ID}`, '/thread needs the id of a message and a text'],
    ['/thread msg_1 hello', '/thread needs the id of a message and a text'],
    ['/etc/passwd', 'there is no /etc/passwd'],
  ])('%j is not sent as a message', (line, problem) => {
    expect(readChatLine(line)).toEqual({ kind: 'mistake', problem: `Cannot do that: ${problem}, see /help` });
  });
});

test('agents are told apart without colours', () => {
  const paint = createPaint({ isTerminal: false, env: {} });
  const slug = parseSlug('helper-9a7c');
  const states: readonly AgentState[] = ['idle', 'busy', 'error', 'offline', 'paused'];
  expect(states.map((status) => describeAgents([{ slug, status }], paint))).toEqual([
    '● helper-9a7c',
    '◐ helper-9a7c working',
    '✖ helper-9a7c',
    '○ helper-9a7c',
    '○ helper-9a7c',
  ]);
});
