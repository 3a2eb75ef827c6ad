import { seededRandom, encodeBase64url } from '@puffo/base';
import { generateKemSecretKey, generateSigningKey } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import { enrolmentFingerprint, formatEnrolmentCode, parseEnrolmentCode } from './enrolment-code.ts';
import { rootFingerprintText } from './fingerprint-text.ts';

const random = seededRandom(3);
const code = {
  nonce: encodeBase64url(random.bytes(32)),
  signingKey: generateSigningKey(random).verifyKey,
  kemKey: generateKemSecretKey(random).kemPublicKey,
};
const text = formatEnrolmentCode(code);

describe('the code of an enrolment', () => {
  it.each([
    ['as it was', text],
    ['broken into lines', text.replaceAll(/.{20}/g, '$&\r\n  ')],
  ])('is read %s', (_name, given) => {
    const { nonce, signingKey, kemKey } = parseEnrolmentCode(given);
    expect([nonce, signingKey.publicKey, kemKey.publicKey]).toEqual(text.split('.').slice(1));
  });

  it.each([
    ['without its end', text.slice(0, -1)],
    ['with something added', `${text}.x`],
    ['of another kind', text.replace('puffo-device-1', 'puffo-device-2')],
    ['empty', ''],
    ['without end', text.repeat(1000)],
  ])('is refused %s', (_name, given) => {
    expect(() => parseEnrolmentCode(given)).toThrow('copy all of it');
  });

  it('has a fingerprint that people can compare', () => {
    const [, , signing = '', kem = ''] = text.split('.');
    expect(enrolmentFingerprint(code)).toBe(`${signing.slice(0, 8)}..${kem.slice(0, 8)}`);
  });
});

describe('rootFingerprintText', () => {
  it('is sixteen groups of four digits, different for each key', () => {
    const shown = rootFingerprintText(code.signingKey);
    expect(shown).toMatch(/^[0-9a-f]{4}( [0-9a-f]{4}){15}$/);
    expect(rootFingerprintText(generateSigningKey(random).verifyKey)).not.toBe(shown);
  });
});
