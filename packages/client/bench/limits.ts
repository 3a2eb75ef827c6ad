// The limit: the operations that no client can do without, on `node:crypto` and libsql alone. Keys are imported beforehand,
// nothing is checked, nothing is looked up, and the rows of a batch are one transaction and one wait for the disk.
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
import { open } from 'node:fs/promises';
import { createGroupFlush } from '@puffo/sql';
import Libsql from 'libsql';
import type { Run } from './run.ts';

const CIPHER = 'chacha20-poly1305';
const KEY = Buffer.alloc(32, 1);
const NONCE = Buffer.alloc(12, 2);
const AAD = Buffer.alloc(117, 3);
const HKDF_INPUT = Buffer.alloc(96, 4);
const TAG = { authTagLength: 16 };
const HKDF_STEPS = 5;

const recipient = importSecret('X25519');
const { x: encText = '' } = createPublicKey(recipient).export({ format: 'jwk' });
const signer = importSecret('Ed25519');
const signerPublic = createPublicKey(signer);
const wrappedKey = encrypt(KEY);

export interface Limit extends AsyncDisposable {
  /** Frames of a batch come at once; the next batch comes when they are on disk. */
  run(batches: readonly (readonly Uint8Array[])[]): Promise<Run>;
}

/** `plaintext`: of the size that is encrypted in a frame. */
export async function openLimit(path: string, plaintext: Uint8Array): Promise<Limit> {
  const database = new Libsql(path);
  database.pragma('journal_mode = wal');
  database.pragma('synchronous = normal');
  database.exec('create table rows (id text primary key, body text)');
  const log = await open(`${path}-wal`, 'r+');
  const { flush } = createGroupFlush(() => log.datasync());
  const begin = database.prepare('begin immediate');
  const insert = database.prepare('insert into rows (id, body) values (?, ?)');
  const commit = database.prepare('commit');
  const sealed = encrypt(plaintext);
  const signature = sign(null, plaintext, signer);
  const body = Buffer.from(plaintext).toString();
  let count = 0;

  function openOne(frame: Uint8Array): void {
    // JSON.parse of a frame that this benchmark wrote itself.
    JSON.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString());
    unwrapKey();
    verify(null, decrypt(sealed), signerPublic, signature);
    insert.run([`msg_${count++}`, body]);
  }

  async function runBatch(frames: readonly Uint8Array[]): Promise<number> {
    const startedAt = performance.now();
    begin.run([]);
    for (const frame of frames) openOne(frame);
    commit.run([]);
    await flush();
    return performance.now() - startedAt;
  }

  return {
    async run(batches) {
      const latenciesMs: number[] = [];
      const startedAt = performance.now();
      for (const frames of batches) {
        const ms = await runBatch(frames);
        for (let frame = 0; frame < frames.length; frame++) latenciesMs.push(ms);
      }
      return { ms: performance.now() - startedAt, latenciesMs };
    },
    async [Symbol.asyncDispose]() {
      await log.close();
      database.close();
    },
  };
}

/** Import of the sender's half, Diffie-Hellman, the five HMACs of the key schedule, one small decryption. */
function unwrapKey(): void {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: encText }, format: 'jwk' });
  diffieHellman({ privateKey: recipient, publicKey });
  for (let step = 0; step < HKDF_STEPS; step++) createHmac('sha256', KEY).update(HKDF_INPUT).digest();
  decrypt(wrappedKey);
}

interface Encrypted {
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

function importSecret(crv: string): KeyObject {
  const d = randomFillSync(Buffer.allocUnsafe(32)).toString('base64url');
  return createPrivateKey({ key: { kty: 'OKP', crv, d, x: '' }, format: 'jwk' });
}

function encrypt(plaintext: Uint8Array): Encrypted {
  const cipher = createCipheriv(CIPHER, KEY, NONCE, TAG);
  cipher.setAAD(AAD, { plaintextLength: plaintext.length });
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return { ciphertext, tag: cipher.getAuthTag() };
}

function decrypt({ ciphertext, tag }: Encrypted): Uint8Array {
  const decipher = createDecipheriv(CIPHER, KEY, NONCE, TAG);
  decipher.setAAD(AAD, { plaintextLength: ciphertext.length });
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(ciphertext);
  decipher.final();
  return plaintext;
}
