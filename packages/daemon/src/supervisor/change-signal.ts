import { createDeferred } from '@puffo/base';

/** For who waits until something is different. */
export interface ChangeSignal {
  tell(): void;
  /** Resolves when `tell` is called after this call. */
  next(): Promise<void>;
}

export function createChangeSignal(): ChangeSignal {
  let changed = createDeferred<void>();
  return {
    tell() {
      changed.resolve();
      changed = createDeferred();
    },
    next: () => changed.promise,
  };
}
