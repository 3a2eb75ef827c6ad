// Takes an HTTP request apart, within bounds.
import type { IncomingMessage } from 'node:http';
import type { RequestLine } from './route-request.ts';

export type ReceivedBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too_large' }
  /** The client went away before it had said everything. */
  | { readonly kind: 'incomplete' };

export function readRequestLine(message: IncomingMessage): RequestLine {
  const headers = Object.entries(message.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return { method: message.method ?? '', path: message.url ?? '/', headers: Object.fromEntries(headers) };
}

export async function receiveBody(message: IncomingMessage, maxBytes: number): Promise<ReceivedBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      // The rest is read and thrown away: who is still sending does not read the answer.
      if (bytes <= maxBytes) chunks.push(chunk);
    }
  } catch {
    // A request has one way to fail: its connection ended.
    return { kind: 'incomplete' };
  }
  return bytes > maxBytes ? { kind: 'too_large' } : { kind: 'text', text: Buffer.concat(chunks).toString('utf8') };
}
