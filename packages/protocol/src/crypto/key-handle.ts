import { ProtocolError } from '../errors.ts';
import type { NativeKey } from './primitives.ts';

export const KEY_BYTES = 32;

/**
 * Remembers, outside the handle, what a key handle stands for: its raw bytes and, from the first use on, the key as the
 * platform holds it (importing costs up to as much as using). A handle that is logged or serialised shows no secret.
 */
export interface KeyRing<Handle extends object> {
  /** `native`: the imported key, where making the handle needed it anyway. */
  add(handle: Handle, bytes: Uint8Array, native?: NativeKey): Handle;
  bytesOf(handle: Handle): Uint8Array;
  nativeOf(handle: Handle): NativeKey;
}

export function createKeyRing<Handle extends object>(importKey: (bytes: Uint8Array) => NativeKey): KeyRing<Handle> {
  const rawKeys = new WeakMap<Handle, Uint8Array>();
  const nativeKeys = new WeakMap<Handle, NativeKey>();

  function bytesOf(handle: Handle): Uint8Array {
    const bytes = rawKeys.get(handle);
    if (bytes === undefined) throw new ProtocolError('key_invalid', 'Cannot use key: it was not made by this library');
    return bytes;
  }

  return {
    add(handle, bytes, native) {
      rawKeys.set(handle, bytes);
      if (native !== undefined) nativeKeys.set(handle, native);
      return handle;
    },
    bytesOf,
    nativeOf(handle) {
      const known = nativeKeys.get(handle);
      if (known !== undefined) return known;
      const imported = importKey(bytesOf(handle));
      nativeKeys.set(handle, imported);
      return imported;
    },
  };
}

/** A private copy of `bytes`, which must be 32. `role` says whose key it is, for the error. */
export function copyKeyBytes(bytes: Uint8Array, role: string): Uint8Array<ArrayBuffer> {
  if (bytes.length !== KEY_BYTES) {
    throw new ProtocolError('bad_length', `Cannot use ${role}: got ${bytes.length} bytes, expected ${KEY_BYTES}`, {
      field: role,
    });
  }
  return new Uint8Array(bytes);
}
