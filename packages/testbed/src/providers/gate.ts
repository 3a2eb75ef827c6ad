/** Something that a test opens when it wants, for replies that wait. Opening twice is the same as once. */
export interface Gate {
  readonly opened: Promise<void>;
  release(): void;
}

export function createGate(): Gate {
  const releasing = new AbortController();
  const opened = new Promise<void>((resolve) => {
    releasing.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return { opened, release: () => releasing.abort() };
}
