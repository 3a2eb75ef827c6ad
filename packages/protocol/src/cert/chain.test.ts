import { describe, expect, test } from 'vitest';
import { createPerson, NOW, random } from '../../test/people.ts';
import { judgeDevice, verifyChain } from './chain.ts';
import { issueDeviceCert, issueDeviceRevocation, issueOperatorRevocation, issueSubkeyCert } from './issue-cert.ts';

const HOUR_MS = 3_600_000;
const alice = createPerson('alice-0001');
const helper = createPerson('helper-0002', alice);
const mallory = createPerson('mallory-0003');
const evidence = { slug: helper.slug, ...helper.certs, operatorAttestation: helper.operatorAttestation };
const pinnedRoot = helper.rootKey.verifyKey.publicKey;

function reason(changes: Readonly<Record<string, unknown>>, at = NOW + 1): string {
  const verdict = verifyChain({ ...evidence, ...changes }, { at, pinnedRoot });
  return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
}

describe('verifyChain', () => {
  test('trusts an honest agent under its pinned root', () => {
    expect(reason({})).toBe('trusted');
  });

  test('leaves it to the caller whether an unknown root is trusted, and never trusts a changed one', () => {
    expect(verifyChain(evidence, { at: NOW + 1, pinnedRoot: undefined })).toMatchObject({ kind: 'unknown-root' });
    const found = verifyChain(evidence, { at: NOW + 1, pinnedRoot: mallory.rootKey.verifyKey.publicKey });
    expect(found).toEqual({
      kind: 'changed-root',
      pinnedRoot: mallory.rootKey.verifyKey.publicKey,
      foundRoot: helper.rootKey.verifyKey.publicKey,
    });
  });

  test.each([
    ['ends with the subkey, to the millisecond', NOW + 47 * HOUR_MS, 'subkey_expired'],
    ['holds until then', NOW + 47 * HOUR_MS - 1, 'trusted'],
    ['allows for a clock five minutes behind', NOW - 5 * 60_000, 'trusted'],
    ['but not for more', NOW - 5 * 60_000 - 1, 'subkey_not_yet_valid'],
  ])('%s', (_name, at, expected) => {
    expect(reason({}, at)).toBe(expected);
  });

  test.each([
    ['a revocation of the device', helper, NOW + 10, 'trusted'],
    ['a revocation of the device', helper, NOW + 1, 'device_revoked'],
    ['a revocation that somebody else signed', mallory, NOW + 1, 'trusted'],
  ])('judges %s by its signer and its time', (_name, signer, effectiveFrom, expected) => {
    const { deviceId } = helper.device;
    const revocation = issueDeviceRevocation(signer.rootKey, { deviceId, effectiveFrom, issuedAt: NOW });
    expect(reason({ deviceRevocations: [{ type: 'junk' }, revocation] })).toBe(expected);
  });

  test('the earliest of several revocations counts', () => {
    const { deviceId } = helper.device;
    const deviceRevocations = [NOW + 50, NOW + 1, NOW + 70].map((effectiveFrom) =>
      issueDeviceRevocation(helper.rootKey, { deviceId, effectiveFrom, issuedAt: NOW }),
    );
    expect(reason({ deviceRevocations })).toBe('device_revoked');
  });

  test.each([
    ['its operator', alice, 'operator_revoked'],
    ['a stranger', mallory, 'trusted'],
  ])('an agent dies when it is revoked by %s', (_name, operator, expected) => {
    const agent = { agentKey: helper.rootKey.verifyKey, issuedAt: NOW, effectiveFrom: NOW, random };
    expect(reason({ operatorRevocations: [issueOperatorRevocation(operator.rootKey, agent)] })).toBe(expected);
  });

  test('an agent of one operator is not vouched for by another', () => {
    const { operatorAttestation } = createPerson('other-0004', mallory);
    expect(reason({ operatorAttestation })).toBe('operator_mismatch');
    expect(reason({ operatorAttestation: null })).toBe('attestation_missing');
  });

  test('a device that the server made up, or a subkey of it, is refused', () => {
    expect(reason({ deviceCert: mallory.certs.deviceCert })).toBe('root_mismatch');
    expect(reason({ subkeyCert: mallory.certs.subkeyCert })).toBe('device_id_mismatch');
    const forged = issueSubkeyCert(mallory.deviceKey, { subkey: helper.subkeyKey.verifyKey, issuedAt: NOW });
    expect(reason({ subkeyCert: { ...forged, device_id: helper.device.deviceId } })).toBe('signature_invalid');
  });

  test('an expired device is refused and is nobody to send to', () => {
    const deviceCert = issueDeviceCert(helper.rootKey, {
      signingKey: helper.deviceKey.verifyKey,
      kemKey: helper.kemKey.kemPublicKey,
      issuedAt: NOW,
      expiresAt: NOW + 10,
    });
    expect(reason({ deviceCert })).toBe('trusted');
    expect(reason({ deviceCert }, NOW + 10)).toBe('device_expired');
    expect(judgeDevice(helper.subkey.device, NOW + 1e12).kind).toBe('valid');
  });
});
