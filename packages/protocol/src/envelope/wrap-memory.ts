// One wrap job in memory that threads share. Each thread claims slices of recipients until none is left, so a thread
// that starts late or is slow never holds up the others.
import { importKemPublicKey, kemPublicKeyBytes } from '../crypto/x25519.ts';
import { KEY_BYTES } from '../crypto/key-handle.ts';
import { WRAP_BYTES, wrapContentKey } from './wrap-content-key.ts';
import type { WrapJob } from './wrap-pool.ts';

/** How many recipients are wrapped between two looks at the event loop: about a millisecond on OpenSSL. */
export const SLICE_RECIPIENTS = 8;

const NEXT_SLICE = 0;
/** `dev_` and a hash. */
const DEVICE_ID_CHARACTERS = 47;

/** What a thread needs to join; crosses `postMessage` as it is. */
export interface WrapMemory {
  readonly count: number;
  readonly aadBytes: number;
  /** `control[0]`: the next slice to claim. `control[1 + slice]`: 1 when the slice is done. */
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly contentKey: Uint8Array<SharedArrayBuffer>;
  readonly publicKeys: Uint8Array<SharedArrayBuffer>;
  readonly ephemeralSecrets: Uint8Array<SharedArrayBuffer>;
  readonly aads: Uint8Array<SharedArrayBuffer>;
  readonly output: Uint8Array<SharedArrayBuffer>;
}

export function createWrapMemory(job: WrapJob): WrapMemory {
  const count = job.recipients.length;
  const aadBytes = job.aadPrefix.length + DEVICE_ID_CHARACTERS;
  const memory: WrapMemory = {
    count,
    aadBytes,
    control: new Int32Array(new SharedArrayBuffer(4 * (1 + sliceCount(count)))),
    contentKey: sharedBytes(KEY_BYTES),
    publicKeys: sharedBytes(count * KEY_BYTES),
    ephemeralSecrets: sharedBytes(count * KEY_BYTES),
    aads: sharedBytes(count * aadBytes),
    output: sharedBytes(count * WRAP_BYTES),
  };
  memory.contentKey.set(job.contentKey);
  memory.ephemeralSecrets.set(job.ephemeralSecrets);
  job.recipients.forEach(({ kemKey, deviceId }, index) => {
    memory.publicKeys.set(kemPublicKeyBytes(kemKey), index * KEY_BYTES);
    memory.aads.set(job.aadPrefix, index * aadBytes);
    writeAscii(memory.aads, { text: deviceId, at: index * aadBytes + job.aadPrefix.length });
  });
  return memory;
}

/** The slice that is now the caller's, or `undefined` when all are claimed. */
export function claimSlice(memory: WrapMemory): number | undefined {
  const slice = Atomics.add(memory.control, NEXT_SLICE, 1);
  return slice < sliceCount(memory.count) ? slice : undefined;
}

/** The recipients of a slice: `from` to `to`, exclusive. */
export function sliceRange(memory: WrapMemory, slice: number): { readonly from: number; readonly to: number } {
  return { from: slice * SLICE_RECIPIENTS, to: Math.min(memory.count, (slice + 1) * SLICE_RECIPIENTS) };
}

/** Says that the output of a claimed slice is there. */
export function finishSlice(memory: WrapMemory, slice: number): void {
  Atomics.store(memory.control, 1 + slice, 1);
}

/** Does a claimed slice from what the memory holds, for a thread that has nothing else. */
export function wrapSlice(memory: WrapMemory, slice: number): void {
  const { from, to } = sliceRange(memory, slice);
  // slice() copies out of the shared memory, which not every platform function accepts.
  const contentKey = memory.contentKey.slice();
  for (let index = from; index < to; index++) {
    const recipient = importKemPublicKey(part(memory.publicKeys, { index, length: KEY_BYTES }));
    wrapContentKey(recipient, {
      contentKey,
      ephemeralSecret: part(memory.ephemeralSecrets, { index, length: KEY_BYTES }),
      aad: part(memory.aads, { index, length: memory.aadBytes }),
      output: memory.output.subarray(index * WRAP_BYTES, (index + 1) * WRAP_BYTES),
    });
  }
  finishSlice(memory, slice);
}

/** Slices whose result is not there: claimed and still worked on, or lost with their thread. */
export function unfinishedSlices(memory: WrapMemory): readonly number[] {
  const unfinished: number[] = [];
  for (let slice = 0; slice < sliceCount(memory.count); slice++) {
    if (Atomics.load(memory.control, 1 + slice) === 0) unfinished.push(slice);
  }
  return unfinished;
}

/** Call when nothing is unfinished: takes the result, and removes the secrets. */
export function takeOutput(memory: WrapMemory): Uint8Array {
  memory.contentKey.fill(0);
  memory.ephemeralSecrets.fill(0);
  return memory.output.slice();
}

function sliceCount(recipients: number): number {
  return Math.ceil(recipients / SLICE_RECIPIENTS);
}

/** Device ids are ASCII of one length; for a thousand of them an encoder is slow. */
function writeAscii(bytes: Uint8Array, { text, at }: { text: string; at: number }): void {
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
}

function sharedBytes(length: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(length));
}

function part(bytes: Uint8Array, at: { index: number; length: number }): Uint8Array {
  return bytes.slice(at.index * at.length, (at.index + 1) * at.length);
}
