// Those who speak through the proxy: requests that tell how they ended, sockets that keep what they heard.
import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';

export interface Heard {
  /** `broken`: the connection ended before the answer was whole. */
  readonly end: 'answer' | 'broken';
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As much as arrived. */
  readonly text: string;
}

/** One POST on a connection of its own. */
export function post(url: string, body: string, signal?: AbortSignal): Promise<Heard> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let status: number | undefined;
    let headers: Heard['headers'] = {};
    const finish = (end: Heard['end']): void =>
      resolve({ end, status, headers, text: Buffer.concat(chunks).toString() });
    const sending = request(
      url,
      { method: 'POST', agent: false, headers: { 'x-asked': 'yes' }, ...(signal === undefined ? {} : { signal }) },
      (response) => {
        status = response.statusCode;
        ({ headers } = response);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => finish('broken'));
        response.on('end', () => finish('answer'));
      },
    );
    sending.on('error', () => finish('broken'));
    sending.end(body);
  });
}

export interface HearingSocket {
  readonly socket: WebSocket;
  readonly heard: readonly string[];
  /** Once it has ended. */
  readonly closeCode: number | undefined;
}

export async function openSocket(url: string): Promise<HearingSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/subscribe`);
  const heard: string[] = [];
  let closeCode: number | undefined;
  socket.on('message', (data: Buffer) => heard.push(data.toString()));
  socket.on('error', () => undefined);
  socket.on('close', (code) => {
    closeCode = code;
  });
  await once(socket, 'open');
  return {
    socket,
    heard,
    get closeCode() {
      return closeCode;
    },
  };
}
