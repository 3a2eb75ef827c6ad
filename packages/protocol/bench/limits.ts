// The limit of each job: the primitive operations it cannot do without, on `node:crypto` alone, with keys imported
// beforehand, nothing copied, nothing checked and nothing encoded.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  randomFillSync,
  sign,
  verify,
} from 'node:crypto';

const CIPHER = 'chacha20-poly1305';
const KEY = Buffer.alloc(32, 1);
const NONCE = Buffer.alloc(12, 2);
const WRAP_AAD = Buffer.alloc(117, 3);
const HKDF_INPUT = Buffer.alloc(96, 4);
const TAG = { authTagLength: 16 };
const HKDF_STEPS = 5;

const recipient = importSecret('X25519');
const recipientPublic = createPublicKey(recipient);
const { x: encText = '' } = recipientPublic.export({ format: 'jwk' });
const signer = importSecret('Ed25519');
const signerPublic = createPublicKey(signer);
const wrappedKey = encrypt(KEY, WRAP_AAD);

/** Key pair, Diffie-Hellman, the five HMACs of the key schedule, one small encryption. */
export function hpkeSealLimit(): unknown {
  const ephemeral = importSecret('X25519');
  const enc = createPublicKey(ephemeral).export({ format: 'jwk' });
  diffieHellman({ privateKey: ephemeral, publicKey: recipientPublic });
  deriveKeys();
  return [enc, encrypt(KEY, WRAP_AAD)];
}

/** Import of the sender's half, Diffie-Hellman, the five HMACs, one small decryption. */
export function hpkeOpenLimit(): unknown {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: encText }, format: 'jwk' });
  diffieHellman({ privateKey: recipient, publicKey });
  deriveKeys();
  return decrypt(wrappedKey, WRAP_AAD);
}

export function sealLimit(plaintext: Uint8Array, devices: number): unknown {
  sign(null, plaintext, signer);
  const content = encrypt(plaintext, WRAP_AAD);
  for (let device = 0; device < devices; device++) hpkeSealLimit();
  return content;
}

/** `sealed` must come from `encryptContent`. Without parsing: one envelope costs the same for any number of devices. */
export function openLimit(content: SealedContent): unknown {
  hpkeOpenLimit();
  const plaintext = decrypt(content.sealed, WRAP_AAD);
  return verify(null, plaintext, signerPublic, content.signature);
}

export interface SealedContent {
  readonly sealed: Encrypted;
  readonly signature: Uint8Array;
}

export function sealContent(plaintext: Uint8Array): SealedContent {
  return { sealed: encrypt(plaintext, WRAP_AAD), signature: sign(null, plaintext, signer) };
}

export function signLimit(message: Uint8Array): unknown {
  return sign(null, message, signer);
}

export function verifyLimit(message: Uint8Array, signature: Uint8Array): unknown {
  return verify(null, message, signerPublic, signature);
}

interface Encrypted {
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

function importSecret(crv: string): KeyObject {
  const d = randomFillSync(Buffer.allocUnsafe(32)).toString('base64url');
  return createPrivateKey({ key: { kty: 'OKP', crv, d, x: '' }, format: 'jwk' });
}

function deriveKeys(): void {
  for (let step = 0; step < HKDF_STEPS; step++) createHmac('sha256', KEY).update(HKDF_INPUT).digest();
}

function encrypt(plaintext: Uint8Array, aad: Uint8Array): Encrypted {
  const cipher = createCipheriv(CIPHER, KEY, NONCE, TAG);
  cipher.setAAD(aad, { plaintextLength: plaintext.length });
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return { ciphertext, tag: cipher.getAuthTag() };
}

function decrypt({ ciphertext, tag }: Encrypted, aad: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(CIPHER, KEY, NONCE, TAG);
  decipher.setAAD(aad, { plaintextLength: ciphertext.length });
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(ciphertext);
  decipher.final();
  return plaintext;
}
