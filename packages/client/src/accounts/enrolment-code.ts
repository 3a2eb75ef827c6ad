// What goes from a new device to an existing one by the eyes of a person: the keys that a root secret will be sealed to must
// not come from the server. spec: wire-protocol 4.12
import { decodeBase64url, isBase64urlOf } from '@puffo/base';
import { importKemPublicKey, importVerifyKey, type KemPublicKey, type VerifyKey } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';

export interface EnrolmentCode {
  /** base64url of 32 bytes. */
  readonly nonce: string;
  readonly signingKey: VerifyKey;
  readonly kemKey: KemPublicKey;
}

const PREFIX = 'puffo-device-1';
const KEY_BYTES = 32;
const MAX_CHARACTERS = 1000;
const FINGERPRINT_CHARACTERS = 8;

export function formatEnrolmentCode({ nonce, signingKey, kemKey }: EnrolmentCode): string {
  return [PREFIX, nonce, signingKey.publicKey, kemKey.publicKey].join('.');
}

/** White space and line breaks are what copying adds. */
export function parseEnrolmentCode(text: string): EnrolmentCode {
  const [prefix, nonce = '', signing = '', kem = '', ...rest] = text
    .slice(0, MAX_CHARACTERS)
    .replaceAll(/\s/g, '')
    .split('.');
  const isWhole = prefix === PREFIX && rest.length === 0 && [nonce, signing, kem].every(isKeyText);
  if (!isWhole) {
    throw new ClientError('Cannot read the code of the new device: it is not complete; copy all of it', {
      code: 'invalid-input',
    });
  }
  return { nonce, signingKey: importVerifyKey(bytesOf(signing)), kemKey: importKemPublicKey(bytesOf(kem)) };
}

/** For people to compare on both screens, as the reference shows it. */
export function enrolmentFingerprint({ signingKey, kemKey }: Pick<EnrolmentCode, 'signingKey' | 'kemKey'>): string {
  const [signing, kem] = [signingKey, kemKey].map(({ publicKey }) => publicKey.slice(0, FINGERPRINT_CHARACTERS));
  return `${signing}..${kem}`;
}

function isKeyText(text: string): boolean {
  return isBase64urlOf(text, KEY_BYTES);
}

function bytesOf(text: string): Uint8Array {
  return decodeBase64url(text) ?? new Uint8Array(0);
}
