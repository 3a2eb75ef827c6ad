import { ProtocolError } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import { ClientError, type ClientErrorCode, type ClientErrorOptions } from '../client-error.ts';
import { failureCodeOf, isStale, judgeFailure } from './judge-failure.ts';

function error(code: ClientErrorCode, options: Partial<ClientErrorOptions> = {}): ClientError {
  return new ClientError('scripted', { code, ...options });
}

describe('judgeFailure', () => {
  it.each([
    ['no connection', error('unreachable', { retryable: true }), 'retry', 'unreachable'],
    ['an answer that is none', error('answer-invalid'), 'retry', 'answer-invalid'],
    ['somebody who answers for the server', error('redirected'), 'retry', 'redirected'],
    ['a store that fails in its own way', new Error('disk full'), 'retry', 'store-failed'],
    ['a wrong clock', error('unauthorized', { fields: { clockSkewMs: 9e5 } }), 'retry', 'unauthorized'],
    ['a device that is not let in for now', error('unauthorized'), 'retry', 'unauthorized'],
    ['a refusal', error('refused', { apiCode: 'FORBIDDEN' }), 'failed', 'refused'],
    ['a changed root', error('changed-root'), 'failed', 'changed-root'],
    ['content that cannot be sealed', new ProtocolError('not_signable', 'no'), 'failed', 'invalid-input'],
    ['nobody to seal for', new ProtocolError('no_recipients', 'no'), 'failed', 'no-recipients'],
  ] as const)('tells %s', (_name, found, kind, code) => {
    expect(judgeFailure(found, 0)).toMatchObject({ kind, error: { code } });
  });

  it('gives up on a device that is not let in again and again', () => {
    const kinds = [0, 1, 2, 3, 4].map((tries) => judgeFailure(error('unauthorized'), tries).kind);
    expect(kinds).toEqual(['retry', 'retry', 'retry', 'retry', 'failed']);
  });

  it('passes on how long the server wants to be left alone', () => {
    const found = error('rate-limited', { retryable: true, retryAfterMs: 7000 });
    expect(judgeFailure(found, 0)).toMatchObject({ kind: 'retry', retryAfterMs: 7000 });
  });

  it('records what the server called it', () => {
    expect(failureCodeOf(error('refused', { apiCode: 'FORBIDDEN' }))).toBe('FORBIDDEN');
    expect(failureCodeOf(error('untrusted'))).toBe('untrusted');
  });
});

describe('isStale', () => {
  const invalid = error('refused', { apiCode: 'INVALID_PAYLOAD' });
  it.each([
    ['old and refused', invalid, 600_000, true],
    ['of the future and refused', invalid, -600_000, true],
    ['young and refused', invalid, 1000, false],
    [
      'young, and the server names its time',
      error('refused', { apiCode: 'INVALID_PAYLOAD', apiField: 'sent_at' }),
      1000,
      true,
    ],
    ['old and forbidden', error('refused', { apiCode: 'FORBIDDEN' }), 600_000, false],
    ['old and not arrived', error('unreachable'), 600_000, false],
  ] as const)('judges a message that is %s', (_name, found, age, expected) => {
    expect(isStale(found, { sentAt: 1e12, now: 1e12 + age })).toBe(expected);
  });
});
