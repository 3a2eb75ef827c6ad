// The contract of `#wrap-pool`: wraps one content key for many devices without holding up the event loop.
// On Node a few threads and the caller share the work; in the browser the caller works in short slices.
// spec: wire-protocol 6.5 step 5
import type { KemPublicKey } from '../crypto/x25519.ts';
import type { DeviceId } from '../ids.ts';

export interface WrapRecipient {
  readonly deviceId: DeviceId;
  readonly kemKey: KemPublicKey;
}

export interface WrapJob {
  readonly contentKey: Uint8Array;
  /** Followed by the recipient's device id it is the associated data of a wrap. */
  readonly aadPrefix: Uint8Array;
  readonly recipients: readonly WrapRecipient[];
  /** 32 fresh random bytes per recipient, in their order. */
  readonly ephemeralSecrets: Uint8Array;
}

export interface WrapPool extends AsyncDisposable {
  /** `WRAP_BYTES` per recipient, in their order. */
  wrap(job: WrapJob): Promise<Uint8Array>;
}

export interface WrapPoolOptions {
  /** Threads besides the caller's. Absent: one for each further processor, at most three. The browser has none. */
  readonly threads?: number;
}

/** Starts nothing until the first large job; close it to end its threads. */
export declare function createWrapPool(options?: WrapPoolOptions): WrapPool;
