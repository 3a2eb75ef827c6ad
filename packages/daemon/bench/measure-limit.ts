// The way from the socket to the provider with nothing on it that could be left out (bare-agent.ts), over the same wires.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { sleep } from '@puffo/base';
import type { BenchWorld } from './bench-world.ts';
import { startChild } from './child.ts';

const ROUNDS = 60;
const WARM_UP_ROUNDS = 10;
const PAUSE_MS = 60;

/** ms, of each round. After `askInTurn`, whose frames and requests it repeats. */
export async function measureLimit({ relay, provider }: BenchWorld, folder: string): Promise<readonly number[]> {
  const body = provider.requests.at(-1)?.rawBody;
  const frame = relay.lastFrame;
  if (body === undefined || frame === undefined) throw new Error('nothing was asked yet');
  const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await using child = startChild();
  const connected = once(server, 'connection') as Promise<[Socket]>;
  await child.order({ kind: 'start-bare', port, providerUrl: provider.sdkBaseUrls.openai, folder });
  const [socket] = await connected;
  socket.on('error', () => socket.destroy());
  socket.write(body);
  await sleep(PAUSE_MS * 2);
  const times: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const last = provider.requests.at(-1)?.seq ?? 0;
    const startedAt = performance.now();
    socket.write(frame);
    const { receivedAt } = await provider.waitFor(({ seq }) => seq > last);
    if (round >= 0) times.push(receivedAt - startedAt);
    await sleep(PAUSE_MS);
  }
  socket.destroy();
  server.close();
  return times;
}
