// libsql gives back what a closed database held when V8 has collected its statements. They look small to V8, which sees nothing
// beyond its own heap: it would wait for minutes, while each database holds hundreds of KiB.

/**
 * Counts as memory outside of V8's heap until it is collected, so that V8 collects sooner. It is address space only: a buffer that
 * may be resized has pages of its own, and the system gives none to pages that nobody touches.
 */
export function createNativeWeight(bytes: number): unknown {
  // As `new ArrayBuffer(bytes, { maxByteLength })`, which ES2023 does not know.
  const weight: unknown = Reflect.construct(ArrayBuffer, [bytes, { maxByteLength: bytes }]);
  return weight;
}
