import { expect, test } from 'vitest';
import { readFrame } from './read-frame.ts';

test.each([
  '',
  'Warning: x',
  '[]',
  'null',
  '{"type":"keep_alive"}',
  '{"type":1}',
  '{"type":"system","subtype":"status"}',
])('%s is a sign of life and no more', (line) => {
  expect(readFrame(line)).toEqual({ kind: 'other' });
});

test('half a character does not cost the frame', () => {
  const line = String.raw`{"type":"result","subtype":"success","is_error":false,"result":"cut \ud83d and \udc00, not \ud83d\ude00"}`;
  expect(readFrame(line)).toMatchObject({ kind: 'result', result: { text: 'cut \ufffd and \ufffd, not 😀' } });
});

test('members that are missing or of another type are as if empty', () => {
  expect(readFrame('{"type":"result","usage":{"input_tokens":-3,"output_tokens":"many"},"errors":[1,"e"]}')).toEqual({
    kind: 'result',
    result: {
      subtype: '',
      isError: false,
      httpStatus: undefined,
      terminalReason: '',
      text: '',
      errors: ['e'],
      sessionId: '',
      inputTokens: 0,
      outputTokens: 0,
    },
  });
  expect(readFrame('{"type":"assistant"}')).toMatchObject({ message: { blocks: [], isOfSubagent: false } });
  expect(readFrame('{"type":"user","message":{"content":"text"}}')).toEqual({ kind: 'other' });
});

test('what was written to the cache counts as input, and what was read from it does not', () => {
  const usage = { input_tokens: 1, cache_creation_input_tokens: 10, cache_read_input_tokens: 100, output_tokens: 2 };
  expect(readFrame(JSON.stringify({ type: 'result', usage }))).toMatchObject({
    result: { inputTokens: 11, outputTokens: 2 },
  });
});

test('a control request without an id or a body is still one', () => {
  expect(readFrame('{"type":"control_request"}')).toEqual({ kind: 'control_request', requestId: '', request: {} });
  expect(readFrame('{"type":"control_response","response":{"subtype":"error","request_id":"1","error":"no"}}')).toEqual(
    {
      kind: 'control_response',
      requestId: '1',
      error: 'no',
    },
  );
});
