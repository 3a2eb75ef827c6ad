// A real server on a free port with its data in a temporary folder, on the databases that DIALECTS and
// PUFFO_TEST_POSTGRES name.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@puffo/base';
import { defaultSettings } from '../../src/config/read-settings.ts';
import type { Settings } from '../../src/config/settings.ts';
import { type RunningServer, type ServerOverrides, startServer } from '../../src/start-server.ts';

export type Dialect = 'sqlite' | 'postgres';

// oxlint-disable-next-line node/no-process-env -- the suite is told by the environment which database it may use
export const POSTGRES_URL = process.env['PUFFO_TEST_POSTGRES'];

/** What a suite runs on: SQLite always, PostgreSQL where PUFFO_TEST_POSTGRES names a database. */
export const DIALECTS: readonly Dialect[] = POSTGRES_URL === undefined ? ['sqlite'] : ['sqlite', 'postgres'];

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly context: RunningServer['context'];
  readonly settings: Settings;
  readonly clock: TestClock;
}

/** Time of a test: stands still until it is moved. */
export interface TestClock {
  now: number;
}

export interface TestServerOptions extends ServerOverrides {
  readonly dialect?: Dialect;
  /** Joins the database and blobs of another server: a second node. */
  readonly besides?: TestServer;
  readonly settings?: Partial<Settings>;
  readonly clock?: TestClock;
}

let lastSchema = 0;

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { besides, dialect = 'sqlite' } = options;
  const dataDir = besides?.settings.dataDir ?? (await mkdtemp(join(tmpdir(), 'puffo-server-')));
  const clock = options.clock ?? besides?.clock ?? { now: Date.now() };
  const settings: Settings = besides?.settings ?? {
    ...testSettings(dataDir),
    ...(dialect === 'postgres'
      ? { postgresUrl: POSTGRES_URL, postgresSchema: `test_${process.pid}_${Date.now()}_${++lastSchema}` }
      : {}),
    ...options.settings,
  };
  const running = await startServer(settings, {
    now: () => clock.now,
    random: seededRandom(Date.now() + lastSchema),
    ...options,
  });
  return {
    url: running.url,
    context: running.context,
    settings,
    clock,
    async [Symbol.asyncDispose]() {
      if (besides === undefined && settings.postgresSchema !== undefined) {
        const { sql } = await import('kysely');
        await sql
          .raw(`drop schema if exists "${settings.postgresSchema}" cascade`)
          .execute(running.context.database.db);
      }
      await running[Symbol.asyncDispose]();
      if (besides === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function testSettings(dataDir: string): Settings {
  return {
    ...defaultSettings(dataDir),
    port: 0,
    signup: 'open',
    limits: { perIdentity: 1_000_000, perAddress: 1_000_000, newPeersPerHour: 1_000_000 },
    logLevel: 'silent',
  };
}
