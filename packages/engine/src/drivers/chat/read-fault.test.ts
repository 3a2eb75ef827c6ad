import type { JsonValue } from '@puffo/base';
import { APICallError } from 'ai';
import { describe, expect, test } from 'vitest';
import { classifyFault } from './classify-fault.ts';
import { readFault } from './read-fault.ts';

const NOW = Date.UTC(2026, 0, 1);

function callError(status: number, body: JsonValue, responseHeaders: Readonly<Record<string, string>> = {}) {
  return new APICallError({
    message: 'It failed',
    url: 'http://127.0.0.1',
    requestBodyValues: {},
    statusCode: status,
    responseHeaders: { ...responseHeaders },
    responseBody: JSON.stringify(body),
  });
}

const google = (status: string, message: string, details: readonly JsonValue[] = []) => ({
  error: { code: 429, status, message, details },
});
const RETRY = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12.5s' };
const quota = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId }],
});
const EXCEEDED = 'You exceeded your current quota, please check your plan and billing details.';

describe('what a provider wishes', () => {
  test.each<[string, Readonly<Record<string, string>>, number | undefined]>([
    ['seconds', { 'retry-after': '37' }, 37_000],
    ['parts of seconds', { 'retry-after': '0.25' }, 250],
    ['milliseconds, which are more exact', { 'retry-after': '1', 'retry-after-ms': '1250' }, 1250],
    ['a date', { 'retry-after': 'Thu, 01 Jan 2026 00:01:30 GMT' }, 90_000],
    ['a date that is over', { 'retry-after': 'Wed, 31 Dec 2025 23:00:00 GMT' }, 0],
    ['an eternity', { 'retry-after': '99999999999999' }, 30 * 24 * 3600 * 1000],
    ['less than nothing', { 'retry-after': '-5' }, undefined],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['nothing', {}, undefined],
  ])('is %s', (_, headers, expected) => {
    expect(readFault(callError(429, {}, headers), () => NOW).retryAfterMs).toBe(expected);
  });

  test('stands in the body at Google', () => {
    const body = google('RESOURCE_EXHAUSTED', EXCEEDED, [quota('PerMinute'), RETRY]);
    expect(readFault(callError(429, body), () => NOW).retryAfterMs).toBe(12_500);
    expect(readFault(callError(429, [body]), () => NOW).retryAfterMs).toBe(12_500);
  });
});

describe('a class follows', () => {
  test.each<[string, unknown, string | undefined]>([
    [
      'from "slow down" at Google',
      callError(429, google('RESOURCE_EXHAUSTED', EXCEEDED, [quota('PerMinute'), RETRY])),
      'rate_limited',
    ],
    [
      'from the end of the day at Google',
      callError(429, google('RESOURCE_EXHAUSTED', EXCEEDED, [quota('RequestsPerDay'), RETRY])),
      'quota',
    ],
    ['from an empty account at Google', callError(429, google('RESOURCE_EXHAUSTED', EXCEEDED)), 'quota'],
    ['from a bare rate limit at Google', callError(429, google('RESOURCE_EXHAUSTED', 'Check quota.')), 'rate_limited'],
    ['from a code before the status', callError(403, { error: { code: 'model_not_found' } }), 'bad_model'],
    [
      'from the type when the code is unknown',
      callError(400, { error: { code: 'odd', type: 'insufficient_quota' } }),
      'quota',
    ],
    ['from a bare object in a stream', { type: 'overloaded_error', message: 'Overloaded' }, 'overloaded'],
    ['from the status in a bare object', { type: 'odd', statusCode: 503 }, 'overloaded'],
    ['from a filter', callError(400, { error: { code: 'content_filter' } }), 'refused'],
    // Words of anybody are no codes.
    ['not from prose', callError(400, { error: { type: 'odd', message: 'prompt is too long' } }), 'protocol'],
    [
      'not from the middle of a message',
      callError(400, { error: { type: 'invalid_request_error', message: 'He said: prompt is too long' } }),
      'protocol',
    ],
    ['not from success', callError(200, {}), undefined],
    ['not from an ordinary error', new Error('overloaded_error'), undefined],
    ['not from nothing', undefined, undefined],
  ])('%s', (_, error, expected) => {
    expect(classifyFault(readFault(error, () => NOW))).toBe(expected);
  });

  test('even when a body is nested deeper than any error', () => {
    const deep = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as JsonValue;
    expect(classifyFault(readFault(callError(500, deep), () => NOW))).toBe('server_error');
  });
});

test('only words that look like names are taken for codes', () => {
  const codes = ['sk-0123456789', 'two words', 'x'.repeat(49), 'line\nbreak', 'fine_code'];
  const body = { error: { details: codes.map((reason) => ({ reason })), code: 'also.fine', type: 7 } };
  expect(readFault(callError(400, body), () => NOW).codes).toEqual(['fine_code', 'also.fine']);
});
