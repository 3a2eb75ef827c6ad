// Frames that Gemini CLI 0.61.0 printed, and a session that it wrote; ids, times and paths are replaced.
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { geminiFailure, isUnknownSession } from '../src/drivers/gemini-cli/gemini-failure.ts';
import { readAcpMessage } from '../src/drivers/gemini-cli/read-acp-message.ts';
import {
  cleanSessionRecord,
  hasConversation,
  readSessionRecord,
  writeSessionRecord,
} from '../src/drivers/gemini-cli/session-record.ts';

async function readFixture(name: string): Promise<string> {
  return readFile(new URL(`../fixtures/gemini-cli/0.61.0-${name}.jsonl`, import.meta.url), 'utf8');
}

async function readFrames(name: string): Promise<ReturnType<typeof readAcpMessage>[]> {
  return (await readFixture(name)).trim().split('\n').map(readAcpMessage);
}

describe('frames of Gemini CLI', () => {
  test('tell which tool is called with what, and how it ended', async () => {
    const frames = await readFrames('tool-call');
    const updates = frames.flatMap((frame) => (frame.kind === 'update' ? [frame.update] : []));
    expect(updates.map(({ kind }) => kind)).toEqual([
      'text',
      'tool_start',
      'tool_end',
      'tool_start',
      'tool_end',
      // Its arguments did not fit, so it never began.
      'tool_end',
      'text',
    ]);
    const calls = updates.flatMap((update) => (update.kind === 'tool_start' ? [update.call] : []));
    expect(calls.map(({ name, input }) => ({ name, input }))).toEqual([
      { name: 'mcp_puffo_send_message', input: { text: 'hi' } },
      { name: 'mcp_puffo_send_message', input: { text: 'fail' } },
    ]);
    const ends = updates.flatMap((update) => (update.kind === 'tool_end' ? [update.isError] : []));
    expect(ends).toEqual([false, true, true]);
  });

  test('ask with the command, or with the whole text of a file', async () => {
    const frames = await readFrames('permission');
    const [shell, write] = frames.flatMap((frame) => (frame.kind === 'permission' ? [frame.question] : []));
    expect(shell).toMatchObject({ description: 'touch made.txt', call: { name: 'run_shell_command' } });
    expect(shell?.call.input).toMatchObject({ title: 'touch made.txt' });
    expect(write?.call).toMatchObject({
      name: 'write_file',
      input: { path: '/home/agent/workspace/x.txt', content: 'hello' },
    });
    expect(shell?.options.map(({ kind }) => kind)).toEqual(['allow_always', 'allow_once', 'reject_once']);
  });

  test('become failures of the class that the provider meant', async () => {
    const frames = await readFrames('errors');
    const errors = frames.flatMap((frame) => (frame.kind === 'error' ? [frame.error] : []));
    expect(errors.map((error) => geminiFailure(error, []).failureClass)).toEqual([
      'auth',
      'auth',
      'auth',
      'rate_limited',
      'quota',
      'server_error',
      'overloaded',
      'bad_model',
      'input_too_large',
      'input_too_large',
      'protocol',
      'rate_limited',
      'network',
      'protocol',
      'bad_session',
    ]);
    expect(errors.map(isUnknownSession).lastIndexOf(false)).toBe(errors.length - 3);
    expect(geminiFailure(errors[11] ?? { code: 0, message: '' }, []).retryAfterMs).toBe(3000);
  });

  test('say that a session is bad when its calls and results do not fit together', () => {
    const message =
      'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
    const body = JSON.stringify({ error: { code: 400, message, status: 'INVALID_ARGUMENT' } });
    expect(geminiFailure({ code: 400, message: body }, []).failureClass).toBe('bad_session');
  });

  const odd = ['', 'Loaded cached credentials', '[]', '{"id":1', '{"jsonrpc":"2.0"}', '{"id":"x","result":{}}'];

  test.each(odd)('are left out when they are none: %s', (line) => {
    expect(readAcpMessage(line)).toEqual({ kind: 'other' });
  });

  test('are the words of the model, but not notes of the program about its mode', () => {
    expect(readAcpMessage(chunk('[MODE_UPDATE] autoEdit'))).toEqual({ kind: 'update', update: { kind: 'other' } });
    const said = 'It said [MODE_UPDATE] autoEdit';
    expect(readAcpMessage(chunk(said))).toEqual({ kind: 'update', update: { kind: 'text', text: said } });
  });
});

function chunk(text: string): string {
  const update = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } };
  return JSON.stringify({ method: 'session/update', params: { sessionId: 's', update } });
}

describe('a stored session of Gemini CLI', () => {
  test('is the messages that are left when all lines have been followed', async () => {
    const { head, messages } = readSessionRecord(await readFixture('session'));
    expect(head).toMatchObject({ sessionId: '11111111-2222-4333-8444-555555555555', kind: 'main' });
    expect(messages.at(-1)).toMatchObject({ type: 'user', content: [{ text: 'Never answered' }] });
  });

  test('ends with the last answer when it is cleaned, and stays the same when it is cleaned again', async () => {
    const cleaned = cleanSessionRecord(readSessionRecord(await readFixture('session')));
    expect(hasConversation(cleaned)).toBe(true);
    expect(cleaned.messages.at(-1)).toMatchObject({ type: 'gemini', content: [{ text: 'Done.' }] });
    expect(cleanSessionRecord(readSessionRecord(writeSessionRecord(cleaned)))).toEqual(cleaned);
  });

  test('has each result of a tool once, beside the call or on its own, and none without a call', () => {
    const messages = [
      { id: '1', type: 'user', content: [{ text: 'Hello' }] },
      { id: '2', type: 'gemini', content: '', toolCalls: [{ id: 'beside', result: [] }] },
      result('3', 'beside'),
      { id: '4', type: 'gemini', content: [{ functionCall: { id: 'inside' } }] },
      result('5', 'inside'),
      result('6', 'refused'),
      { id: '7', type: 'gemini', content: 'Done.' },
    ];
    const { messages: kept } = cleanSessionRecord({ head: {}, messages });
    expect(kept.map(({ id }) => id)).toEqual(['1', '2', '4', '5', '7']);
  });

  test('takes back what was taken back, and begins anew where the program did', () => {
    const lines = ['{"id":"1","type":"user"}', '{"id":"2","type":"gemini"}', '{"id":"3","type":"user"}'];
    const rewound = readSessionRecord([...lines, '{"$rewindTo":"2"}'].join('\n'));
    expect(rewound.messages.map(({ id }) => id)).toEqual(['1']);
    const replaced = readSessionRecord(
      [...lines, '{"$set":{"messages":[{"id":"9","type":"user"}]}}', '{"id":'].join('\n'),
    );
    expect(replaced.messages.map(({ id }) => id)).toEqual(['9']);
  });

  test('is nothing to go on with before the first answer', () => {
    expect(hasConversation(cleanSessionRecord(readSessionRecord('{"id":"1","type":"user"}')))).toBe(false);
  });
});

function result(id: string, callId: string) {
  return { id, type: 'user', content: [{ functionResponse: { id: callId, response: {} } }] };
}
