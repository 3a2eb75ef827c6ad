// The live side: sockets of this node, and hints from and to other nodes.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Closer, createCloser, type Logger, type Random } from '@puffo/base';
import type { Database } from '@puffo/sql';
import type { RequestGate } from '../auth/authenticate-request.ts';
import type { Settings } from '../config/settings.ts';
import type { ServerSchema } from '../db/schema.ts';
import { readLastSeq } from '../messages/posting-store.ts';
import type { Metrics } from '../metrics.ts';
import { createAcks } from './acks.ts';
import { createBackfill } from './backfill.ts';
import type { Hub } from './hub.ts';
import { createLiveSessions } from './live-sessions.ts';
import { createLocalHub, type LocalHub } from './local-hub.ts';
import { createNewcomers } from './newcomers.ts';
import { type NodeBus, openNodeBus } from './node-bus.ts';
import { frameHints, messageHints } from './node-hints.ts';
import { createRecentMessages } from './recent-messages.ts';
import { createSocketServer } from './socket-server.ts';
import { startWheel } from './wheel.ts';

export interface RealtimeDeps {
  readonly settings: Settings;
  readonly database: Database<ServerSchema>;
  readonly now: () => number;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface Realtime extends AsyncDisposable {
  readonly hub: Hub;
  /** Serves `GET /subscribe` on the server. */
  attach(server: Server, gate: RequestGate): void;
  /** Ends all sockets with the code that makes clients come back; the HTTP server cannot close before. */
  endSockets(): Promise<void>;
}

export async function openRealtime(deps: RealtimeDeps): Promise<Realtime> {
  const closer = createCloser();
  try {
    return await open(closer, deps);
  } catch (error) {
    await closer[Symbol.asyncDispose]();
    throw error;
  }
}

async function open(closer: Closer, deps: RealtimeDeps): Promise<Realtime> {
  const { settings, database } = deps;
  const newcomers = createNewcomers();
  const sessions = createLiveSessions(deps);
  const lastSeq = await readLastSeq(database.db);
  const recent = createRecentMessages(lastSeq + 1);
  const backfill = createBackfill({ ...deps, sessions, recent });
  const local = createLocalHub({ ...deps, sessions, backfill, recent, lastSeq });
  const acks = createAcks({ ...deps, sessions, local });
  const { postgresUrl: url, postgresSchema: schema } = settings;
  closer.defer(() => backfill.stop());
  const bus = url === undefined ? undefined : closer.use(await openNodeBus({ ...deps, url, schema, sessions, local }));
  closer.use(startWheel({ ...deps, newcomers, sessions, backfill, local }));
  const sockets = createSocketServer({ ...deps, newcomers, sessions, backfill, acks });
  closer.defer(() => acks.settle());
  closer.defer(() => sockets.end());
  return {
    hub: bus === undefined ? local : createClusterHub(local, bus),
    attach(server, gate) {
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        sockets.accept({ request, socket, head }, gate);
      });
    },
    endSockets: () => sockets.end(),
    [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose](),
  };
}

/** Here at once, elsewhere with the next notification. */
function createClusterHub(local: LocalHub, bus: NodeBus): Hub {
  return {
    deliver(message) {
      local.deliver(message);
      const { envelopeId, seq, deliveries } = message;
      bus.publish(messageHints({ envelopeId, seq, deviceIds: deliveries.map(({ deviceId }) => deviceId) }));
    },
    notify(slugs, frame) {
      local.notify(slugs, frame);
      bus.publish(frameHints(slugs, frame));
    },
    fetched(deviceId, throughSeq) {
      local.fetched(deviceId, throughSeq);
      bus.publish([{ kind: 'fetched', deviceId, throughSeq }]);
    },
    acknowledged(deviceId, envelopeIds) {
      local.acknowledged(deviceId, envelopeIds);
      bus.publish([{ kind: 'acknowledged', deviceId }]);
    },
    disconnect(target) {
      local.disconnect(target);
      const isDevice = 'deviceId' in target;
      bus.publish([
        isDevice
          ? { kind: 'disconnect-device', deviceId: target.deviceId }
          : { kind: 'disconnect-slug', slug: target.slug },
      ]);
    },
  };
}
