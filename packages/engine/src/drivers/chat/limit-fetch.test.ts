import { expect, test } from 'vitest';
import { limitFetch } from './limit-fetch.ts';
import { MAX_ERROR_BYTES, MAX_STREAM_BYTES } from './limits.ts';

const MEGABYTE = new Uint8Array(1024 * 1024);

/** A body that never ends by itself, and counts what was taken of it. */
function endless() {
  const taken = { bytes: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      taken.bytes += MEGABYTE.byteLength;
      controller.enqueue(MEGABYTE);
    },
    cancel() {
      taken.isCancelled = true;
    },
  });
  return { taken, body };
}

test('an endless answer ends with an error, and the connection with it', async () => {
  const { taken, body } = endless();
  const response = await limitFetch(() => Promise.resolve(new Response(body)))('http://127.0.0.1');
  await expect(response.arrayBuffer()).rejects.toMatchObject({ code: 'too-much-output' });
  expect(taken.isCancelled).toBe(true);
  expect(taken.bytes).toBeLessThan(MAX_STREAM_BYTES + 8 * MEGABYTE.byteLength);
});

test('an endless error is cut, and keeps its status', async () => {
  const { taken, body } = endless();
  const response = await limitFetch(() => Promise.resolve(new Response(body, { status: 503 })))('http://127.0.0.1');
  expect(response.status).toBe(503);
  expect((await response.arrayBuffer()).byteLength).toBe(MAX_ERROR_BYTES);
  expect(taken.isCancelled).toBe(true);
});

test('redirects are not followed, whatever the caller says', async () => {
  let seen: RequestInit | undefined;
  const fetch = limitFetch((_, init) => {
    seen = init;
    return Promise.resolve(new Response('Yes'));
  });
  await fetch('http://127.0.0.1', { method: 'POST', redirect: 'follow' });
  expect(seen).toMatchObject({ method: 'POST', redirect: 'manual' });
});
