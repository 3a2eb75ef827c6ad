import { LABELS } from '../labels.ts';
import { encodeUtf8 } from '@puffo/base';
import { createHpkeInfo, ENC_BYTES, hpkeSeal } from '../crypto/hpke.ts';
import type { KemPublicKey } from '../crypto/x25519.ts';
import { WRAPPED_KEY_BYTES } from './decode-envelope.ts';

/** HPKE info of all wrapped content keys. */
export const MESSAGE_INFO = createHpkeInfo(encodeUtf8(LABELS.messageHpkeInfo));

/** What `wrapContentKey` writes: the encapsulated key, then the wrapped content key. */
export const WRAP_BYTES = ENC_BYTES + WRAPPED_KEY_BYTES;

export interface WrapInput {
  readonly contentKey: Uint8Array;
  /** 32 fresh random bytes, for this recipient alone. */
  readonly ephemeralSecret: Uint8Array;
  readonly aad: Uint8Array;
  /** `WRAP_BYTES` long; receives the result. */
  readonly output: Uint8Array;
}

/** Seals the content key to one device. spec: wire-protocol 6.5 step 5 */
export function wrapContentKey(recipient: KemPublicKey, input: WrapInput): void {
  const { contentKey, ephemeralSecret, aad, output } = input;
  const { enc, ciphertext } = hpkeSeal(recipient, { info: MESSAGE_INFO, aad, plaintext: contentKey, ephemeralSecret });
  output.set(enc);
  output.set(ciphertext, ENC_BYTES);
}
