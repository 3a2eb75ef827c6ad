import { expect, test } from 'vitest';
import { mayReadMetrics } from './may-read-metrics.ts';

test.each([
  ['127.0.0.1', {}, true],
  ['::1', {}, true],
  ['::ffff:127.0.0.1', {}, true],
  ['10.0.0.1', {}, false],
  ['127.0.0.1.example', {}, false],
  [undefined, {}, false],
  ['127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }, false],
  ['127.0.0.1', { forwarded: 'for=127.0.0.1' }, false],
  ['127.0.0.1', { via: '1.1 proxy' }, false],
])('without a token, %s with %j: %s', (peerAddress, headers, isAllowed) => {
  expect(mayReadMetrics({ peerAddress, headers }, undefined)).toBe(isAllowed);
});

test.each([
  ['Bearer sesame', true],
  ['bearer sesame', false],
  ['Bearer sesam', false],
  ['', false],
  [undefined, false],
])('with a token, authorization %s: %s', (authorization, isAllowed) => {
  const headers = authorization === undefined ? {} : { authorization };
  expect(mayReadMetrics({ peerAddress: '10.0.0.1', headers }, 'sesame')).toBe(isAllowed);
  expect(mayReadMetrics({ peerAddress: '127.0.0.1', headers }, 'sesame')).toBe(isAllowed);
});
