// Waits for the next thing from a stream, but not for ever.

export type NextPart<Part> =
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'end' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'aborted' };

export interface Patience {
  readonly signal: AbortSignal;
  readonly silenceMs: number;
}

/** Rejects with what the stream fails with. After `silent` or `aborted` nobody asks the stream again. */
export async function nextPart<Part>(
  stream: AsyncIterator<Part>,
  { signal, silenceMs }: Patience,
): Promise<NextPart<Part>> {
  if (signal.aborted) return { kind: 'aborted' };
  return new Promise((resolve, reject) => {
    function settle(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
    function onAbort(): void {
      settle();
      resolve({ kind: 'aborted' });
    }
    const timer = setTimeout(() => {
      settle();
      resolve({ kind: 'silent' });
    }, silenceMs);
    signal.addEventListener('abort', onAbort, { once: true });
    stream.next().then(
      ({ done, value }) => {
        settle();
        resolve(done === true ? { kind: 'end' } : { kind: 'part', part: value as Part });
      },
      (error: unknown) => {
        settle();
        reject(error instanceof Error ? error : new Error('The stream failed without an error', { cause: error }));
      },
    );
  });
}
