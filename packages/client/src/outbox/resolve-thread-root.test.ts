import { seededRandom } from '@puffo/base';
import { createEnvelopeId } from '@puffo/protocol';
import { expect, it } from 'vitest';
import { resolveThreadRoot } from './resolve-thread-root.ts';

const random = seededRandom(2);
const [envelopeId, threadRootId] = [createEnvelopeId(random), createEnvelopeId(random)];

it('begins a thread at a message that is in none, and stays in the thread of one that is', () => {
  expect(resolveThreadRoot({ envelopeId, threadRootId: null })).toBe(envelopeId);
  expect(resolveThreadRoot({ envelopeId, threadRootId })).toBe(threadRootId);
});
