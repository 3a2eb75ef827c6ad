import { describe, expect, test } from 'vitest';
import { createPerson, NOW, random, valueOf } from '../../test/people.ts';
import { ProtocolError } from '../errors.ts';
import { issueIdentityCert, issueOperatorRevocation, issueSubkeyCert } from './issue-cert.ts';
import { verifyIdentityCert, verifyOperatorRevocation } from './verify-cert.ts';

const alice = createPerson('alice-0001');
const helper = createPerson('helper-0002', alice);

describe('issued objects', () => {
  test('a human has no operator, an agent has one', () => {
    expect(valueOf(verifyIdentityCert(alice.certs.identityCert))).toMatchObject({
      identityType: 'human',
      operatorKey: null,
    });
    expect(valueOf(verifyIdentityCert(helper.certs.identityCert))).toMatchObject({
      identityType: 'agent',
      operatorKey: { publicKey: alice.rootKey.verifyKey.publicKey },
    });
  });

  test('an agent that names itself as its operator is refused', () => {
    const cert = issueIdentityCert(alice.rootKey, alice.rootKey.verifyKey);
    expect(verifyIdentityCert(cert)).toMatchObject({ kind: 'refused', reason: 'operator_not_allowed' });
  });

  test('an operator revocation names both sides and verifies with the operator', () => {
    const agent = { agentKey: helper.rootKey.verifyKey, issuedAt: NOW, effectiveFrom: NOW + 5, random };
    const revocation = issueOperatorRevocation(alice.rootKey, agent);
    const expected = { operatorKey: alice.rootKey.verifyKey, agentKey: helper.rootKey.verifyKey };
    expect(valueOf(verifyOperatorRevocation(revocation, expected)).effectiveFrom).toBe(NOW + 5);
  });

  test.each([0, -1, 48 * 3_600_000, Number.NaN])('a subkey cannot live for %d ms', (lifetimeMs) => {
    const issue = () =>
      issueSubkeyCert(alice.deviceKey, { subkey: alice.subkeyKey.verifyKey, issuedAt: NOW, lifetimeMs });
    expect(issue).toThrow(ProtocolError);
  });

  test('a time with a fraction cannot be signed', () => {
    const issue = () => issueSubkeyCert(alice.deviceKey, { subkey: alice.subkeyKey.verifyKey, issuedAt: NOW + 0.5 });
    expect(issue).toThrow(expect.objectContaining({ code: 'not_signable', field: 'issued_at' }));
  });
});

test('keys show no secret when they are logged or serialised', () => {
  const seen = JSON.stringify([alice.rootKey, alice.kemKey, alice.deviceKey]);
  expect(seen).toContain(alice.rootKey.verifyKey.publicKey);
  expect(Object.keys(alice.rootKey)).toEqual(['verifyKey']);
  expect(Object.keys(alice.kemKey)).toEqual(['kemPublicKey']);
});
