import { seededRandom } from '@puffo/base';
import { expect, test } from 'vitest';
import { agentTokenOf, createPendingToken, hashToken } from './pending-token.ts';

test('tokens are 32 bytes in base64url, and their hash does not show them', () => {
  const token = createPendingToken(seededRandom(1));
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(hashToken(token)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(hashToken(token)).not.toBe(token);
});

test('the token of an agent is the same again, and another for another attestation or slug', () => {
  const token = agentTokenOf('signature', 'helper-9a7c');
  expect(agentTokenOf('signature', 'helper-9a7c')).toBe(token);
  expect(agentTokenOf('other', 'helper-9a7c')).not.toBe(token);
  expect(agentTokenOf('signature', 'helper-0000')).not.toBe(token);
});
