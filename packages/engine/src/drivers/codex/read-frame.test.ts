import { describe, expect, test } from 'vitest';
import { readFrame } from './read-frame.ts';

describe('a line of codex', () => {
  test.each([
    ['{"id":1,"result":{"a":1}}', { kind: 'result', id: 1, result: { a: 1 } }],
    ['{"id":1,"result":null}', { kind: 'result', id: 1, result: {} }],
    ['{"id":"x","error":{"code":-32600,"message":"No"}}', { kind: 'error', id: 'x', message: 'No' }],
    [
      '{"id":1,"error":{"message":"No","data":{"input_error_code":"input_too_large"}}}',
      { kind: 'error', id: 1, message: 'No', word: 'input_too_large' },
    ],
    ['{"id":0,"method":"ask","params":{"b":2}}', { kind: 'request', id: 0, method: 'ask', params: { b: 2 } }],
    ['{"method":"said"}', { kind: 'notification', method: 'said', params: {} }],
  ])('%s is read', (line, expected) => {
    expect(readFrame(line)).toMatchObject(expected);
  });

  test.each(['', 'WARNING: something', '[]', '{}', '{"id":{},"result":{}}', '{"method":3}', '{"method":"cut"'])(
    '%s is no frame',
    (line) => {
      expect(readFrame(line)).toBeUndefined();
    },
  );
});
