// The limit of the way from the socket to the provider: bytes come in, are made durable in a file, and the request goes out, on
// Node alone. Nothing is decrypted, looked up or decided.
import { open } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';

export interface BareAgentOptions {
  /** Where it gets its bytes: first the body of every request, then a frame at a time. */
  readonly port: number;
  readonly providerUrl: string;
  readonly folder: string;
}

export async function startBareAgent({ port, providerUrl, folder }: BareAgentOptions): Promise<void> {
  const file = await open(join(folder, 'bare'), 'a');
  const agent = new Agent({ keepAlive: true });
  const url = `${providerUrl}/chat/completions`;
  let body: Buffer | undefined;

  async function answer(bytes: Buffer): Promise<void> {
    await file.write(bytes);
    await file.datasync();
    const headers = { 'content-type': 'application/json', authorization: 'Bearer key' };
    request(url, { method: 'POST', agent, headers }, (response) => response.resume()).end(body);
  }

  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('data', (bytes) => {
    if (body === undefined) body = bytes;
    else void answer(bytes);
  });
}
