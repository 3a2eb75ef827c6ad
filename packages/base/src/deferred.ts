/** A promise that is settled from outside. Nobody has to listen to its failure. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
  /** Settles as `other` does. */
  readonly follow: (other: Promise<Value>) => void;
}

export function createDeferred<Value>(): Deferred<Value> {
  let resolve: ((value: Value | Promise<Value>) => void) | undefined;
  let reject: ((error: Error) => void) | undefined;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  promise.catch(() => undefined);
  return {
    promise,
    resolve: (value) => resolve?.(value),
    reject: (error) => reject?.(error),
    follow: (other) => resolve?.(other),
  };
}
