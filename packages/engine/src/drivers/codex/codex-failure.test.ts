import { describe, expect, test } from 'vitest';
import { codexFailure } from './codex-failure.ts';

describe('a failure of codex', () => {
  test.each([
    ['unauthorized', 'auth'],
    ['rateLimitExceeded', 'rate_limited'],
    ['serverOverloaded', 'overloaded'],
    ['usageLimitExceeded', 'quota'],
    ['contextWindowExceeded', 'input_too_large'],
    ['modelNotFound', 'bad_model'],
    ['cyberPolicy', 'refused'],
    ['badRequest', 'protocol'],
    ['aWordOfTomorrow', 'protocol'],
    [null, 'protocol'],
    [{ httpConnectionFailed: { httpStatusCode: 401 } }, 'auth'],
    [{ responseTooManyFailedAttempts: { httpStatusCode: 429 } }, 'rate_limited'],
    [{ responseStreamDisconnected: { httpStatusCode: 504 } }, 'server_error'],
    [{ httpConnectionFailed: { httpStatusCode: 418 } }, 'protocol'],
    [{ httpConnectionFailed: { httpStatusCode: null } }, 'network'],
    [{ aWordOfTomorrow: { httpStatusCode: 529 } }, 'overloaded'],
    [{ activeTurnNotSteerable: { turnKind: 'compact' } }, 'protocol'],
  ])('with %j is %s', (codexErrorInfo, expected) => {
    expect(codexFailure({ message: 'Something', codexErrorInfo }, []).failureClass).toBe(expected);
  });

  test.each([
    ['stream disconnected before completion: network error', 'network'],
    ['Missing environment variable: `OPENAI_API_KEY`.', 'auth'],
    ['The stream disconnected, I read', 'protocol'],
    ['', 'protocol'],
  ])('that only says "%s" is %s', (message, expected) => {
    expect(codexFailure({ message, codexErrorInfo: 'other' }, []).failureClass).toBe(expected);
  });

  test('tells an empty purse from a limit that passes', () => {
    const message = 'Quota exceeded. Check your plan and billing details.';
    expect(codexFailure({ message, codexErrorInfo: 'usageLimitExceeded' }, []).failureClass).toBe('billing');
  });

  test('keeps the status, and no secret', () => {
    const info = { httpConnectionFailed: { httpStatusCode: 401 } };
    const failure = codexFailure({ message: 'Incorrect key sk-0123456789', codexErrorInfo: info }, ['sk-0123456789']);
    expect(failure).toEqual({ failureClass: 'auth', httpStatus: 401, detail: 'Incorrect key [redacted]' });
  });
});
