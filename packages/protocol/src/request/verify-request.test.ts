import { describe, expect, test } from 'vitest';
import { createPerson, NOW, random } from '../../test/people.ts';
import { LIMITS } from '../limits.ts';
import type { Authority, KnownSigner, NonceClaim } from './authenticate.ts';
import { signRequest } from './sign-request.ts';
import { verifyRequest } from './verify-request.ts';

const alice = createPerson('alice-0001');
const request = { method: 'GET', target: '/spaces', body: new Uint8Array(0) };
const known: KnownSigner = {
  kind: 'subkey',
  slug: alice.slug,
  deviceId: alice.device.deviceId,
  key: alice.subkeyKey.verifyKey,
  expiresAt: NOW + 1000,
  deviceExpiresAt: null,
  deviceRevokedFrom: null,
  isIdentityActive: true,
};

function sign(target = request.target, timestamp = NOW) {
  const { subkeyId } = alice.subkey;
  const credentials = { slug: alice.slug, signerId: subkeyId, signingKey: alice.subkeyKey };
  return signRequest({ ...request, target }, { ...credentials, timestamp, random });
}

async function decide(
  received: { target?: string; headers?: Readonly<Record<string, string | readonly string[]>> },
  changes: Partial<KnownSigner> = {},
  claims: NonceClaim[] = [],
): Promise<string> {
  const authority: Authority = {
    now: NOW,
    authClass: 'subkey',
    findSigner: () => Promise.resolve({ ...known, ...changes }),
    claimNonce: (claim) => Promise.resolve(claims.push(claim) > 0),
  };
  const verdict = await verifyRequest({ ...request, headers: sign(), ...received }, authority);
  return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
}

describe('verifyRequest', () => {
  test('accepts what was signed', async () => {
    expect(await decide({})).toBe('accepted');
  });

  test('accepts the decoded spelling of a query that was signed escaped, and no other change', async () => {
    const headers = sign('/spaces/x/events?since=1%3Aalice%2Cbob');
    expect(await decide({ target: '/spaces/x/events?since=1:alice,bob', headers })).toBe('accepted');
    expect(await decide({ target: '/spaces/x/events?since=1:alice.bob', headers })).toBe('signature_invalid');
    expect(await decide({ target: '/spaces:x/events', headers: sign('/spaces%3Ax/events') })).toBe('signature_invalid');
  });

  test.each([
    [{ isIdentityActive: false }, 'identity_inactive'],
    [{ expiresAt: NOW }, 'subkey_expired'],
    [{ deviceExpiresAt: NOW }, 'device_expired'],
    [{ deviceRevokedFrom: NOW }, 'device_revoked'],
    [{ slug: createPerson('bob-0002').slug }, 'slug_mismatch'],
    [{ key: createPerson('bob-0002').subkeyKey.verifyKey }, 'signature_invalid'],
  ] satisfies [Partial<KnownSigner>, string][])('refuses a signer with %o', async (changes, reason) => {
    const claims: NonceClaim[] = [];
    expect(await decide({}, changes, claims)).toBe(reason);
    expect(claims, 'a refused request must not use up its nonce').toEqual([]);
  });

  test('remembers a nonce long enough to cover a clock that is ahead', async () => {
    const claims: NonceClaim[] = [];
    const timestamp = NOW + LIMITS.clockWindowMs;
    expect(await decide({ headers: sign('/spaces', timestamp) }, {}, claims)).toBe('accepted');
    expect(claims[0]?.keepUntil).toBeGreaterThan(timestamp + LIMITS.clockWindowMs);
  });

  test('refuses a repeated header', async () => {
    const headers = sign();
    expect(await decide({ headers: { ...headers, 'x-puffo-slug': [alice.slug, alice.slug] } })).toBe(
      'request_malformed',
    );
  });
});

test.each([
  ['GET /x', '/spaces'],
  ['get', '/spaces'],
  ['GET', 'spaces'],
  ['GET', '/a b'],
  ['GET', '/a\nb'],
  ['GET', '/a#b'],
  ['GET', '/ä'],
])('a request line %j %j cannot be signed', (method, target) => {
  const credentials = { slug: alice.slug, signerId: alice.subkey.subkeyId, signingKey: alice.subkeyKey };
  const signIt = () =>
    signRequest({ method, target, body: new Uint8Array(0) }, { ...credentials, timestamp: NOW, random });
  expect(signIt).toThrow(expect.objectContaining({ code: 'request_malformed' }));
});
