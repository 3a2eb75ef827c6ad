// One WebSocket through the proxy: two sockets, frames passed on in order in both directions, unless a fault comes in between.
import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, type WebSocketServer } from 'ws';
import { createLane, type Lane } from './bridge-lane.ts';
import { connectUpstream, type Upstream } from './connect-upstream.ts';
import { occasionOf } from './forward-request.ts';
import { delay, type ProxyCore, stall } from './proxy-core.ts';
import { findRefusal, formatRefusal, type Refusal } from './refusal.ts';

export interface UpgradeRequest {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly server: WebSocketServer;
}

export async function bridgeSocket(core: ProxyCore, { message, socket, head, server }: UpgradeRequest): Promise<void> {
  socket.on('error', () => socket.destroy());
  const fault = core.plan.choose('upgrade', occasionOf(message));
  if (fault !== undefined) core.plan.count(fault.kind);
  if (fault?.kind === 'drop-request') return void socket.destroy();
  const refusal = fault === undefined ? undefined : findRefusal(fault.kind, core.settings.retryAfterSeconds);
  if (refusal !== undefined) return refuse(socket, refusal);
  if (fault?.kind === 'delay-answer') await delay(core, fault.size);
  if (fault?.kind === 'stall-answer') await stall(core);
  const upstream = await connectUpstream(core, message);
  if (upstream.kind === 'refused') return refuse(socket, upstream.refusal);
  if (upstream.kind === 'unreachable') return void socket.destroy();
  let passing: Promise<void> | undefined;
  server.handleUpgrade(message, socket, head, (client) => {
    passing = passFrames(core, { client, clientSocket: socket, upstream });
  });
  // The client has gone meanwhile, or its request was no proper one.
  if (passing === undefined) upstream.socket.terminate();
  await passing;
}

function refuse(socket: Duplex, refusal: Refusal): void {
  socket.end(formatRefusal(refusal), () => socket.destroy());
}

interface Ends {
  readonly client: WebSocket;
  readonly clientSocket: Duplex;
  readonly upstream: Extract<Upstream, { kind: 'open' }>;
}

/** Resolves when nothing passes any more. */
async function passFrames(
  core: ProxyCore,
  { client, clientSocket, upstream: { socket: upstream, raw } }: Ends,
): Promise<void> {
  const ended = new AbortController();
  setMaxListeners(0, ended.signal);
  let stalled: Promise<void> | undefined;
  const bridge = {
    core,
    ended: ended.signal,
    whenFlowing: () => stalled,
    stall() {
      stalled = stall(core, ended.signal).finally(() => {
        stalled = undefined;
      });
    },
  };
  const toClient = createLane({ bridge, stage: 'server-frame', from: upstream, to: client, rawTo: clientSocket });
  const toServer = createLane({ bridge, stage: 'client-frame', from: client, to: upstream, rawTo: raw });
  feed(upstream, toClient);
  feed(client, toServer);
  for (const end of [client, upstream]) {
    end.on('close', () => {
      if (client.readyState === WebSocket.CLOSED && upstream.readyState === WebSocket.CLOSED) ended.abort();
    });
  }
  upstream.resume();
  await Promise.all([toClient.done, toServer.done]);
}

function feed(from: WebSocket, lane: Lane): void {
  from.on('message', (data: Buffer, isBinary: boolean) => lane.add({ kind: 'frame', data, isBinary }));
  from.on('close', (code: number, reason: Buffer) => lane.add({ kind: 'close', code, reason }));
  from.on('error', () => {
    // `close` follows, and says all there is to say.
  });
}
