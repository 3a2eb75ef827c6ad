// The load: requests over a fixed number of connections, and sockets that receive. Bounded in count.
import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';
import type { SignedPost } from './population.ts';

const CONNECTIONS = 24;

export interface LoadResult {
  readonly perSecond: number;
  readonly failures: number;
}

/** Sends all posts as fast as the server answers, or at `perSecond`. */
export async function sendPosts(url: string, posts: readonly SignedPost[], perSecond?: number): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const startedAt = performance.now();
  let next = 0;
  let failures = 0;
  async function work(): Promise<void> {
    for (let index = next++; index < posts.length; index = next++) {
      const post = posts[index];
      if (post === undefined) return;
      if (perSecond !== undefined) await until(startedAt + (index * 1000) / perSecond);
      if ((await sendPost(url, { agent, post })) >= 300) failures++;
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  agent.destroy();
  return { perSecond: (posts.length * 1000) / (performance.now() - startedAt), failures };
}

function sendPost(url: string, { agent, post }: { agent: Agent; post: SignedPost }): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { ...post.headers, 'content-length': String(post.body.length) };
    const sending = request(`${url}/messages`, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sending.on('error', reject);
    sending.end(post.body);
  });
}

/** Milliseconds until the whole answer was read, and its size. */
export function download(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ ms: number; bytes: number }> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sending = request(url, { headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve({ ms: performance.now() - startedAt, bytes }));
    });
    sending.on('error', reject);
    sending.end();
  });
}

export interface Receivers {
  /** Resolves when every socket has received `count` messages since it was called. */
  receive(count: number): Promise<void>;
  close(): void;
}

/** Opens one socket per frame in `connectFrames`; an empty frame says that the server expects none. */
export async function openReceivers(url: string, connectFrames: readonly string[]): Promise<Receivers> {
  const sockets: WebSocket[] = [];
  let remaining = 0;
  let done: () => void = () => undefined;
  for (const frame of connectFrames) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/subscribe`);
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => {
        if (frame === '') resolve();
        else socket.send(frame);
      });
      socket.on('message', (data: Buffer) => {
        if (data.subarray(0, 20).toString().startsWith('{"type":"connected"')) resolve();
        if (!data.subarray(0, 20).toString().startsWith('{"type":"message"')) return;
        // Ours sends no more than ten without an acknowledgement; the bare server reads it and does nothing.
        const id = /"envelope_id":"([^"]+)"/.exec(data.toString('latin1'))?.[1] ?? '';
        socket.send(`{"type":"ack","envelope_ids":["${id}"]}`);
        if (--remaining === 0) done();
      });
    });
    sockets.push(socket);
  }
  return {
    receive(count) {
      remaining = count * sockets.length;
      return new Promise((resolve) => {
        done = resolve;
      });
    },
    close: () => sockets.forEach((socket) => socket.terminate()),
  };
}

async function until(time: number): Promise<void> {
  const wait = time - performance.now();
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
}
