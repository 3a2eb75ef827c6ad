// Everything that handlers and background tasks share, built once at start. Each module takes the slices it needs.
import type { Logger, Random } from '@puffo/base';
import type { Database } from '@puffo/sql';
import type { Settings } from './config/settings.ts';
import type { ServerSchema } from './db/schema.ts';
import type { Limiter } from './rate-limit/limiter.ts';
import type { BlobStore } from './blobs/blob-store.ts';
import type { Hub } from './realtime/hub.ts';
import type { Metrics } from './metrics.ts';

export interface ServerContext {
  readonly settings: Settings;
  readonly database: Database<ServerSchema>;
  /** ms since the epoch. Tests turn it. */
  readonly now: () => number;
  readonly random: Random;
  readonly hub: Hub;
  readonly blobs: BlobStore;
  readonly limiter: Limiter;
  readonly log: Logger;
  readonly metrics: Metrics;
}
