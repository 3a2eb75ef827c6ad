import { seededRandom } from '@puffo/base';
import { ENDPOINTS, type EndpointName, LIMITS } from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { ClientError, type ClientErrorCode } from '../client-error.ts';
import { effectOfStatus, isRetryableStatus, planResend, policyOf } from './retry-table.ts';

/** Everything that is sent again though it may have been done already. */
const REPEATED: readonly EndpointName[] = [
  'acknowledgeMessages',
  'allow',
  'bindSlug',
  'block',
  'endRun',
  'endRuns',
  'postEvents',
  'registerSubkey',
  'revokeAgent',
  'revokeDevice',
  'sendFresh',
  'sendHeartbeat',
  'sendMessage',
  'startRun',
  'updateMemberSettings',
  'updateProfile',
];

describe('policyOf', () => {
  test('repeats what only reads, what is named by an id, and nothing else', () => {
    const repeated = ENDPOINTS.filter(({ name }) => policyOf(name).resendsAfter === 'unknown').map(({ name }) => name);
    const readers = ENDPOINTS.filter(({ method }) => method === 'GET').map(({ name }) => name);
    expect(repeated.toSorted()).toEqual([...REPEATED, ...readers].toSorted());
  });

  test('repeats an upload only when it has a name', () => {
    expect(policyOf('uploadBlob', {}).resendsAfter).toBe('none');
    expect(policyOf('uploadBlob', { transaction_id: undefined }).resendsAfter).toBe('none');
    expect(policyOf('uploadBlob', { transaction_id: 'tx-1' }).resendsAfter).toBe('unknown');
  });

  test('bounds every endpoint: no attempt outlives its call, and no answer is without a limit', () => {
    const unbounded = ENDPOINTS.map(({ name }) => ({ name, ...policyOf(name) })).filter(
      (policy) => policy.attemptTimeoutMs > policy.timeoutMs || policy.maxAnswerBytes > 64 * 1024 * 1024,
    );
    expect(unbounded).toEqual([]);
    expect(policyOf('getBlob').maxAnswerBytes).toBe(LIMITS.blobBytes);
  });
});

describe('a status', () => {
  test.each([
    [401, false, 'none', false],
    [403, true, 'unknown', false],
    [408, false, 'none', true],
    [409, true, 'unknown', false],
    [425, false, 'none', true],
    [429, true, 'none', true],
    [429, false, 'none', true],
    [500, true, 'unknown', true],
    [501, false, 'unknown', false],
    [502, false, 'unknown', true],
    [503, false, 'unknown', true],
    [503, true, 'none', true],
    [504, false, 'unknown', true],
  ] as const)('%i (error of the protocol: %s) has effect %s and is retryable: %s', (status, isOurs, effect, retry) => {
    expect(effectOfStatus({ status, isOurs })).toBe(effect);
    expect(isRetryableStatus(status)).toBe(retry);
  });
});

describe('planResend', () => {
  function plan(name: EndpointName, changes: Partial<Parameters<typeof planResend>[0]> = {}) {
    const policy = policyOf(name);
    const base = { error: errorOf('server-failed'), effect: 'none', policy, sent: 1, remainingMs: 60_000 } as const;
    return planResend({ ...base, random: seededRandom(1), ...changes });
  }

  test('sends again what certainly was not done, whatever it is', () => {
    expect(plan('signUp')).toEqual(expect.any(Number));
  });

  test('sends again what may have been done only where that changes nothing', () => {
    expect(plan('sendMessage', { effect: 'unknown' })).toEqual(expect.any(Number));
    expect(plan('signUp', { effect: 'unknown' })).toBeUndefined();
  });

  test('gives up after the last attempt, and never tries again what cannot succeed', () => {
    expect(plan('listSpaces', { sent: 3 })).toEqual(expect.any(Number));
    expect(plan('listSpaces', { sent: 4 })).toBeUndefined();
    expect(plan('listSpaces', { error: errorOf('refused', { retryable: false }) })).toBeUndefined();
  });

  test('waits at least as long as the server asks, and not at all when that is too long', () => {
    const asked = plan('listSpaces', { error: errorOf('rate-limited', { retryAfterMs: 20_000 }) });
    expect(asked).toBeGreaterThanOrEqual(20_000);
    expect(plan('listSpaces', { error: errorOf('rate-limited', { retryAfterMs: 60_001 }) })).toBeUndefined();
    const late = { error: errorOf('rate-limited', { retryAfterMs: 20_000 }), remainingMs: 19_000 };
    expect(plan('listSpaces', late)).toBeUndefined();
  });

  test('does not wait for the limit of heartbeats to pass', () => {
    expect(plan('sendHeartbeat', { error: errorOf('rate-limited') })).toBeUndefined();
    expect(plan('sendHeartbeat', { error: errorOf('unreachable') })).toEqual(expect.any(Number));
  });
});

function errorOf(code: ClientErrorCode, options: { retryable?: boolean; retryAfterMs?: number } = {}): ClientError {
  return new ClientError('Cannot do it', { code, retryable: true, ...options });
}
