// A bad network on loopback: stands between clients and a server, and does to requests and frames what it is told, by
// probability or one by one. The same seed meets the same requests and frames with the same faults.
import { once, setMaxListeners } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { bridgeSocket } from './bridge-socket.ts';
import { MAX_FRAME_BYTES } from './connect-upstream.ts';
import type { FaultKind } from './fault-kind.ts';
import { createFaultPlan, type FaultCounts, type FaultFilter, type FaultRates } from './fault-plan.ts';
import { forwardRequest } from './forward-request.ts';
import type { ProxyCore, ProxySettings } from './proxy-core.ts';

export interface FlakyProxyOptions extends Partial<ProxySettings> {
  /** `http://host:port` of the server. It may go away and come back. */
  readonly target: string;
  readonly seed: number;
  /** Default: no faults but those that are injected. */
  readonly rates?: FaultRates;
}

export interface FlakyProxy extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, for clients. */
  readonly url: string;
  /** How often each fault has happened so far. */
  readonly faults: FaultCounts;
  /** All of them together. */
  readonly faultCount: number;
  /** Connections of clients that are open now. */
  readonly connectionCount: number;
  /** In the place of those that hold. */
  setRates(rates: FaultRates): void;
  /** The next request or frame that fits meets this fault, before any probability. */
  inject(kind: FaultKind, filter?: FaultFilter): void;
  /** No faults from here on: rates and what was injected are forgotten, what stalls goes on. */
  heal(): void;
  /** Ends every connection with clients at once. Returns how many there were. */
  cutAll(): number;
}

const DEFAULT_SETTINGS: ProxySettings = { maxDelayMs: 50, holdMs: 200, stallMs: 60_000, retryAfterSeconds: 1 };

/** Longer than any test waits between two requests: a connection that we close just then fails the next one. */
const KEEP_ALIVE_MS = 120_000;

export async function startFlakyProxy(options: FlakyProxyOptions): Promise<FlakyProxy> {
  const closing = new AbortController();
  let healing = new AbortController();
  const plan = createFaultPlan({ seed: options.seed, rates: options.rates ?? {} });
  const target = parseTarget(options.target);
  const settings = { ...DEFAULT_SETTINGS, ...options };
  setMaxListeners(0, closing.signal);
  const core: ProxyCore = { plan, target, settings, healed: () => healing.signal, closed: closing.signal };
  const listener = createListener(core);
  listener.server.listen(0, '127.0.0.1');
  await once(listener.server, 'listening');
  const { port } = listener.server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    get faults() {
      return plan.counts;
    },
    get faultCount() {
      return Object.values(plan.counts).reduce((sum, count) => sum + count, 0);
    },
    get connectionCount() {
      return listener.connections.size;
    },
    setRates: plan.setRates,
    inject: (kind, filter = {}) => plan.inject(kind, filter),
    heal() {
      plan.clear();
      const healed = healing;
      healing = new AbortController();
      healed.abort();
    },
    cutAll() {
      const cut = [...listener.connections];
      for (const connection of cut) {
        plan.count('cut-connection');
        connection.destroy();
      }
      return cut.length;
    },
    async [Symbol.asyncDispose]() {
      if (closing.signal.aborted) return;
      closing.abort();
      await listener.close();
    },
  };
}

interface Listener {
  readonly server: ReturnType<typeof createServer>;
  readonly connections: ReadonlySet<Socket>;
  /** Waits for everything that is under way, and fails with what failed there. */
  close(): Promise<void>;
}

function createListener(core: ProxyCore): Listener {
  const connections = new Set<Socket>();
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const agent = new Agent({ keepAlive: true });
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
  });

  function run(work: Promise<void>, give: () => void): void {
    const handling = work.catch((error: unknown) => {
      // A defect of the proxy: the client sees the connection end, the test sees the error.
      give();
      failures.push(error);
    });
    running.add(handling);
    void handling.finally(() => running.delete(handling));
  }

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) => {
    run(forwardRequest(core, { message, response, agent }), () => message.socket.destroy());
  });
  server.on('upgrade', (message, socket, head) => {
    run(bridgeSocket(core, { message, socket, head, server: sockets }), () => socket.destroy());
  });
  server.on('connection', (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
  });

  return {
    server,
    connections,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const connection of connections) connection.destroy();
      agent.destroy();
      await Promise.all([closed, ...running]);
      if (failures.length > 0) throw new AggregateError(failures, 'The flaky proxy failed by itself');
    },
  };
}

function parseTarget(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' && url.pathname === '/' && url.search === '') return url;
  throw new TypeError('Cannot start a flaky proxy: the target must be http://host:port');
}
