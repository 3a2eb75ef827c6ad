// HPKE base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305 (RFC 9180). One message per
// context, so the sequence number is 0 and the AEAD nonce is the base nonce. Letters follow the RFC.
// spec: wire-protocol 3.1
import { concatBytes, encodeUtf8 } from '@puffo/base';
import { primitives } from '#primitives';
import { ProtocolError } from '../errors.ts';
import { KEY_BYTES } from './key-handle.ts';
import { NONCE_BYTES, TAG_BYTES } from './aead.ts';
import {
  type KemPublicKey,
  kemPublicKeyBytes,
  type KemSecretKey,
  nativeKemPublicKey,
  nativeKemSecretKey,
} from './x25519.ts';

export const ENC_BYTES = 32;
/** How much longer the ciphertext is than the plaintext. */
export const HPKE_OVERHEAD_BYTES = TAG_BYTES;

const VERSION = encodeUtf8('HPKE-v1');
const KEM_SUITE = concatBytes(encodeUtf8('KEM'), Uint8Array.of(0x00, 0x20));
const HPKE_SUITE = concatBytes(encodeUtf8('HPKE'), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x03));
const MODE_BASE = Uint8Array.of(0);
/** HKDF-Extract takes an absent salt as a string of zeros. */
const NO_SALT = new Uint8Array(32);
const FIRST_BLOCK = Uint8Array.of(1);

const EAE_PRK = extractPrefix(KEM_SUITE, 'eae_prk');
const SHARED_SECRET = expandPrefix(KEM_SUITE, 'shared_secret', KEY_BYTES);
const SECRET = extractPrefix(HPKE_SUITE, 'secret');
const KEY = expandPrefix(HPKE_SUITE, 'key', KEY_BYTES);
const BASE_NONCE = expandPrefix(HPKE_SUITE, 'base_nonce', NONCE_BYTES);

/** What the key schedule derives from an `info` string alone, computed once per string. */
export interface HpkeInfo {
  readonly keyInput: Uint8Array;
  readonly nonceInput: Uint8Array;
}

export function createHpkeInfo(info: Uint8Array): HpkeInfo {
  const pskIdHash = primitives.hmacSha256(NO_SALT, extractPrefix(HPKE_SUITE, 'psk_id_hash'));
  const infoHash = primitives.hmacSha256(NO_SALT, concatBytes(extractPrefix(HPKE_SUITE, 'info_hash'), info));
  const keyScheduleContext = concatBytes(MODE_BASE, pskIdHash, infoHash);
  return {
    keyInput: concatBytes(KEY, keyScheduleContext, FIRST_BLOCK),
    nonceInput: concatBytes(BASE_NONCE, keyScheduleContext, FIRST_BLOCK),
  };
}

export interface HpkeSealInput {
  readonly info: HpkeInfo;
  readonly aad: Uint8Array;
  readonly plaintext: Uint8Array;
  /** 32 fresh random bytes, for this one call. */
  readonly ephemeralSecret: Uint8Array;
}

export interface HpkeSealed {
  /** The encapsulated key, 32 bytes. */
  readonly enc: Uint8Array;
  /** 16 bytes longer than the plaintext. */
  readonly ciphertext: Uint8Array;
}

export function hpkeSeal(recipient: KemPublicKey, input: HpkeSealInput): HpkeSealed {
  if (input.ephemeralSecret.length !== KEY_BYTES) {
    throw new ProtocolError(
      'bad_length',
      `Cannot seal: the ephemeral secret has ${input.ephemeralSecret.length} bytes`,
    );
  }
  const ephemeral = primitives.importX25519Secret(input.ephemeralSecret);
  const enc = primitives.x25519PublicOf(ephemeral);
  const dh = primitives.x25519(ephemeral, nativeKemPublicKey(recipient));
  if (dh === undefined || isAllZero(dh)) {
    throw new ProtocolError('small_order_key', 'Cannot seal: the Diffie-Hellman result is all zero');
  }
  const { key, nonce } = deriveKey({ dh, enc, recipient: kemPublicKeyBytes(recipient), info: input.info });
  return { enc, ciphertext: primitives.chacha20Poly1305Seal({ key, nonce, aad: input.aad }, input.plaintext) };
}

export interface HpkeOpenInput {
  readonly info: HpkeInfo;
  readonly aad: Uint8Array;
  /** 32 bytes; another length is refused with `bad_length`. */
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** The plaintext, or `undefined` when it was not sealed for this key, info and AAD, or was changed. */
export function hpkeOpen(recipient: KemSecretKey, input: HpkeOpenInput): Uint8Array | undefined {
  const { info, aad, enc, ciphertext } = input;
  if (enc.length !== ENC_BYTES) {
    throw new ProtocolError('bad_length', `Cannot open: enc has ${enc.length} bytes, expected ${ENC_BYTES}`, {
      field: 'hpke_enc',
    });
  }
  if (ciphertext.length < TAG_BYTES) return undefined;
  const dh = primitives.x25519(nativeKemSecretKey(recipient), primitives.importX25519Public(enc));
  if (dh === undefined || isAllZero(dh)) return undefined;
  const { key, nonce } = deriveKey({ dh, enc, recipient: kemPublicKeyBytes(recipient.kemPublicKey), info });
  return primitives.chacha20Poly1305Open({ key, nonce, aad }, ciphertext);
}

interface KeyInput {
  readonly dh: Uint8Array;
  readonly enc: Uint8Array;
  readonly recipient: Uint8Array;
  readonly info: HpkeInfo;
}

/** ExtractAndExpand of the KEM, then the key schedule of mode base. */
function deriveKey({ dh, enc, recipient, info }: KeyInput): { key: Uint8Array; nonce: Uint8Array } {
  const { hmacSha256 } = primitives;
  const eaePrk = hmacSha256(NO_SALT, concatBytes(EAE_PRK, dh));
  const sharedSecret = hmacSha256(eaePrk, concatBytes(SHARED_SECRET, enc, recipient, FIRST_BLOCK));
  const secret = hmacSha256(sharedSecret, SECRET);
  const key = hmacSha256(secret, info.keyInput);
  const nonce = hmacSha256(secret, info.nonceInput).subarray(0, NONCE_BYTES);
  return { key, nonce };
}

function extractPrefix(suite: Uint8Array, label: string): Uint8Array {
  return concatBytes(VERSION, suite, encodeUtf8(label));
}

function expandPrefix(suite: Uint8Array, label: string, length: number): Uint8Array {
  return concatBytes(Uint8Array.of(0, length), VERSION, suite, encodeUtf8(label));
}

function isAllZero(bytes: Uint8Array): boolean {
  let seen = 0;
  for (const byte of bytes) seen |= byte;
  return seen === 0;
}
