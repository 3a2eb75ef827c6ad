// One answer on its way: writes at the pace of the reader, notices when the reader is gone, and can cut the connection.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { FakeProviderError } from './errors.ts';

export interface Outgoing {
  /** Aborted when the client went away, or the provider closes. */
  readonly signal: AbortSignal;
  start(status: number, headers: Readonly<Record<string, string>>): void;
  write(text: string): Promise<void>;
  end(text?: string): Promise<void>;
  /** Everything written so far arrives, and then the connection is gone. */
  cut(): Promise<void>;
  /** Waits for `event`. Throws `client_gone` when nobody waits for the answer any more. */
  wait<Value>(event: PromiseLike<Value>): Promise<Value>;
  sleep(ms: number): Promise<void>;
}

export function createOutgoing(response: ServerResponse, closing: AbortSignal): Outgoing {
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, closing]);
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  // A reset connection is reported here as well; what follows is the same as for every other end.
  response.on('error', () => gone.abort());

  async function wait<Value>(event: PromiseLike<Value>): Promise<Value> {
    let onGone: (() => void) | undefined;
    const ended = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(clientGone());
      onGone = () => reject(clientGone());
      signal.addEventListener('abort', onGone, { once: true });
    });
    try {
      return await Promise.race([ended, event]);
    } finally {
      if (onGone !== undefined) signal.removeEventListener('abort', onGone);
    }
  }
  async function write(text: string): Promise<void> {
    if (signal.aborted) throw clientGone();
    if (text !== '' && !response.write(text)) await wait(once(response, 'drain'));
  }

  return {
    signal,
    wait,
    write,
    start(status, headers) {
      if (signal.aborted) throw clientGone();
      response.writeHead(status, headers);
      response.flushHeaders();
    },
    async end(text = '') {
      await write(text);
      await wait(new Promise<void>((resolve) => response.end(resolve)));
    },
    async cut() {
      await wait(new Promise<void>((resolve) => response.write('', () => resolve())));
      response.destroy();
    },
    async sleep(ms) {
      let timer: NodeJS.Timeout | undefined;
      try {
        await wait(
          new Promise<void>((resolve) => {
            timer = setTimeout(resolve, ms);
          }),
        );
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

export function isClientGone(error: unknown): boolean {
  return error instanceof FakeProviderError && error.code === 'client_gone';
}

function clientGone(): FakeProviderError {
  return new FakeProviderError('client_gone', 'Cannot answer: nobody waits for it any more');
}
