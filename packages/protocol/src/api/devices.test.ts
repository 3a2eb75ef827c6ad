import { describe, expect, it } from 'vitest';
import { getEndpoint } from './endpoints.ts';
import { parseAnswer, parseBody } from './parse-api.ts';

const bundle = { device_cert: {}, root_key_envelope: {}, slug_binding: {}, identity_cert: {} };

describe('the answer of GET /devices/enroll/{nonce}', () => {
  const getEnrolment = getEndpoint('getEnrolment');

  it.each([
    ['pending', { status: 'pending' }],
    ['pending, with a null', { status: 'pending', bundle: null }],
    ['complete', { status: 'complete', bundle }],
    ['complete, with a profile', { status: 'complete', bundle: { ...bundle, identity_profile: null } }],
    ['a status that nobody knows yet', { status: 'expired' }],
  ])('is read: %s', (_name, answer) => {
    expect(parseAnswer(getEnrolment, answer).status).toBe(answer.status);
  });

  it.each([
    ['status', {}],
    ['bundle', { status: 'complete' }],
    ['bundle.identity_cert', { status: 'complete', bundle: { ...bundle, identity_cert: null } }],
  ])('is refused with a wrong %s', (field, answer) => {
    expect(() => parseAnswer(getEnrolment, answer)).toThrow(expect.objectContaining({ field }));
  });
});

describe('the body of POST /devices/enroll/init', () => {
  const key = 'A'.repeat(43);
  const body = { nonce: key, device_signing_public_key: key, device_kem_public_key: key, fingerprint: 'AAAA..AAAA' };

  it.each(Object.keys(body).map((field) => [field]))('names a wrong %s', (field) => {
    for (const wrong of ['', 7, null, 'x'.repeat(70_000)]) {
      expect(() => parseBody(getEndpoint('startEnrolment'), { ...body, [field]: wrong })).toThrow(
        expect.objectContaining({ field }),
      );
    }
  });
});

describe('the body of POST /devices/{device_id}/revoke', () => {
  it('is the revocation itself', () => {
    const revocation = { type: 'device_revocation' };
    expect(parseBody(getEndpoint('revokeDevice'), revocation)).toBe(revocation);
  });
});

describe('the body of POST /signup', () => {
  const body = { invite_code: 'TESTCODE', username: 'Alice', identity_cert: {}, device_cert: {} };

  it('reads the wanted name as lowercase', () => {
    expect(parseBody(getEndpoint('signUp'), body).username).toBe('alice');
  });

  it.each([
    ['username', { ...body, username: 'x'.repeat(70_000) }],
    ['username', { ...body, username: 'al ice' }],
    ['invite_code', { ...body, invite_code: '' }],
    ['display_name', { ...body, display_name: 'x'.repeat(81) }],
    ['identity_cert', { ...body, identity_cert: 'cert' }],
    ['device_cert', { ...body, device_cert: undefined }],
  ])('names the wrong member %s', (field, wrong) => {
    expect(() => parseBody(getEndpoint('signUp'), wrong)).toThrow(expect.objectContaining({ field }));
  });
});
