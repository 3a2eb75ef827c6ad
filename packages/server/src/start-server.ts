// Settings to a listening server: the whole wiring, in order. Closing it finishes requests and ends sockets with a code
// that makes clients come back.
import {
  type Clock,
  type Closer,
  createCloser,
  type Logger,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from '@puffo/base';
import { createApp } from './app.ts';
import { createAuthenticateRequest } from './auth/authenticate-request.ts';
import { createClaimNonce } from './auth/claim-nonce.ts';
import { createFindSigner } from './auth/find-signer.ts';
import { startBackground } from './background/start-background.ts';
import { openBlobStore } from './blobs/open-blob-store.ts';
import type { Settings } from './config/settings.ts';
import type { ServerContext } from './context.ts';
import { holdDataDir, openDatabase } from './db/open-database.ts';
import { createMetrics } from './metrics.ts';
import { closeWhenIdle } from './operations/close-when-idle.ts';
import { createCountQueued } from './operations/count-queued.ts';
import { createLimiter } from './rate-limit/create-limiter.ts';
import { openRealtime } from './realtime/realtime.ts';
import { ROUTES } from './routes/index.ts';

export interface RunningServer extends AsyncDisposable {
  /** `http://host:port`, as it listens. */
  readonly url: string;
  readonly context: ServerContext;
}

/** What tests put in the place of the world. */
export interface ServerOverrides {
  readonly now?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
}

/** Fails with a sentence for the administrator; nothing stays open then. */
export async function startServer(settings: Settings, overrides: ServerOverrides = {}): Promise<RunningServer> {
  const closer = createCloser();
  try {
    return await start(closer, { settings, overrides });
  } catch (error) {
    await closer[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(
  closer: Closer,
  { settings, overrides }: { settings: Settings; overrides: ServerOverrides },
): Promise<RunningServer> {
  const now = overrides.now ?? systemClock;
  const log = overrides.log ?? silentLogger;
  const hold = await holdDataDir(settings);
  if (hold !== undefined) closer.use(hold);
  const database = closer.use(await openDatabase(settings));
  const metrics = closer.use(createMetrics({ countQueued: createCountQueued(database, now) }));
  const blobs = closer.use(await openBlobStore(settings.blobStore));
  const random = overrides.random ?? systemRandom;
  const realtime = closer.use(await openRealtime({ settings, database, now, random, log, metrics }));
  const context: ServerContext = {
    settings,
    database,
    now,
    random,
    hub: realtime.hub,
    blobs,
    limiter: createLimiter(database, now),
    log,
    metrics,
  };
  const gate = { now, findSigner: createFindSigner(database), claimNonce: createClaimNonce(database), log };
  closer.use(startBackground(context));
  const app = createApp({ context, authenticate: createAuthenticateRequest(gate), routes: ROUTES });
  closer.defer(async () => {
    // The server has closed when its last connection has, and sockets are connections.
    const closing = closeWhenIdle(app.server, app.close());
    await realtime.endSockets();
    await closing;
  });
  realtime.attach(app.server, gate);
  const url = await app.listen({ host: settings.host, port: settings.port });
  return { url, context, [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose]() };
}
