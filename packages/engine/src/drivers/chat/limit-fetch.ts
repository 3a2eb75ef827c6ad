// A `fetch` that reads only so much, and follows no redirect: the key must not travel to wherever an answer points.
import { EngineError } from '../../spec/engine-error.ts';
import type { ChatFetch } from './chat-options.ts';
import { MAX_ERROR_BYTES, MAX_STREAM_BYTES } from './limits.ts';

export function limitFetch(fetch: ChatFetch): ChatFetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual' });
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    const limit = response.ok ? failBeyond(MAX_STREAM_BYTES) : cutBeyond(MAX_ERROR_BYTES);
    return new Response(response.body.pipeThrough(limit), { status, statusText, headers });
  };
}

type Limit = TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>;

function failBeyond(maxBytes: number): Limit {
  let left = maxBytes;
  return new TransformStream({
    transform(chunk, controller) {
      left -= chunk.byteLength;
      if (left >= 0) controller.enqueue(chunk);
      else controller.error(tooMuch(maxBytes));
    },
  });
}

/** Half an error is still an error with a status. */
function cutBeyond(maxBytes: number): Limit {
  let left = maxBytes;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= Math.min(left, chunk.byteLength);
      if (left === 0) controller.terminate();
    },
  });
}

function tooMuch(maxBytes: number): EngineError {
  const message = `Cannot read the answer: it is longer than ${maxBytes} bytes`;
  return new EngineError(message, { code: 'too-much-output', fields: { maxBytes } });
}
