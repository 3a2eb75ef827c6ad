import { expect, test } from 'vitest';
import { createCloser } from './closer.ts';

test('closes in reverse order, everything, and reports what failed', async () => {
  const order: string[] = [];
  const closer = createCloser();
  closer.defer(() => order.push('first'));
  closer.use({ [Symbol.asyncDispose]: () => Promise.reject(new Error('broken')) });
  closer.defer(() => order.push('last'));
  await expect(closer[Symbol.asyncDispose]()).rejects.toThrow('broken');
  expect(order).toEqual(['last', 'first']);
  await closer[Symbol.asyncDispose]();
  expect(order).toHaveLength(2);
});

test('reports several failures together', async () => {
  const closer = createCloser();
  closer.defer(() => Promise.reject(new Error('one')));
  closer.defer(() => Promise.reject(new Error('two')));
  await expect(closer[Symbol.asyncDispose]()).rejects.toThrow(AggregateError);
});
