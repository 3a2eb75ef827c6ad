// HTTP by `fetch`: no cookies, no cache, and no redirect is followed.
import { ClientError } from '../client-error.ts';
import type { Transport, TransportAnswer, TransportRequest } from '../platform.ts';

/** What a redirect that is not followed looks like from here: neither its status nor its address can be seen. */
const SOME_REDIRECT = 302;

export interface BrowserTransport extends Disposable {
  readonly transport: Transport;
}

/** Disposing stops what is under way. */
export function createBrowserTransport(fetcher: typeof fetch): BrowserTransport {
  const running = new Set<AbortController>();
  let isClosed = false;
  return {
    async transport(request) {
      if (isClosed) throw clientClosed();
      request.signal.throwIfAborted();
      const own = new AbortController();
      running.add(own);
      // Whoever asks aborts in the end, also when all went well: until then the body may be read.
      request.signal.addEventListener(
        'abort',
        () => {
          running.delete(own);
          own.abort(request.signal.reason);
        },
        { once: true },
      );
      return fetchOnce(fetcher, { ...request, signal: own.signal });
    },
    [Symbol.dispose]() {
      isClosed = true;
      for (const each of running) each.abort(clientClosed());
      running.clear();
    },
  };
}

async function fetchOnce(fetcher: typeof fetch, request: TransportRequest): Promise<TransportAnswer> {
  const { method, url, headers, body, signal } = request;
  const answer = await fetcher(url, {
    method,
    headers: { ...headers },
    body: body.length === 0 ? null : new Uint8Array(body),
    signal,
    redirect: 'manual',
    credentials: 'omit',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
  });
  return {
    status: answer.type === 'opaqueredirect' ? SOME_REDIRECT : answer.status,
    header: (name) => answer.headers.get(name) ?? undefined,
    body: chunksOf(answer.body),
  };
}

/** Not every browser can iterate over a stream. */
async function* chunksOf(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void> {
  const reader = stream?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Its failure is the one that the reader saw already.
    reader.cancel().catch(() => undefined);
  }
}

function clientClosed(): ClientError {
  return new ClientError('Cannot send request: the client is closed', { code: 'closed' });
}
