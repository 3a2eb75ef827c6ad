// Everything that stops a server later, looked at now: one line each.
import { constants, existsSync } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, systemRandom } from '@puffo/base';
import { createBlobId } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import { type Kysely, sql } from 'kysely';
import { openBlobStore } from '../blobs/open-blob-store.ts';
import { AdministratorError } from '../config/administrator-error.ts';
import { findUnknownVariables } from '../config/read-settings.ts';
import type { Settings } from '../config/settings.ts';
import { SETTING_NAMES, SETTING_ROWS } from '../config/setting-rows.ts';
import type { ServerSchema } from '../db/schema.ts';
import { openDatabaseAsItIs } from '../db/open-database.ts';
import type { Command, CommandCall, ExitCode } from './command.ts';
import { explainFailure, withoutSecrets } from './explain-failure.ts';
import { explainVersion, findVersion, hasDatabase } from './open-existing.ts';
import { suggest } from './suggest.ts';

const MIN_FREE_BYTES = 512 * 1024 * 1024;
const MAX_CLOCK_DIFFERENCE_MS = 5000;
/** Nobody runs this before it was written. */
const EARLIEST_TIME = Date.UTC(2025, 0, 1);
const MINUTE_MS = 60_000;
const OTHERS = 0o077;

export const checkCommand: Command = {
  name: 'check',
  summary: 'look at configuration, database, disk and clock',
  scope: 'server',
  run: check,
};

async function check(call: CommandCall): Promise<ExitCode> {
  const { world } = call;
  const report = createReport(call);
  let settings: Settings | undefined;
  await report.run('configuration', async () => {
    settings = call.readSettings();
    return describeConfiguration(settings, world.env);
  });
  const known = settings;
  if (known === undefined) return 1;
  report.settings = known;
  await report.run('data folder', () => checkDataFolder(known));
  await report.run('disk', () => checkDisk(known));
  await report.run('blobs', () => checkBlobs(known));
  await report.run('database', () => withDatabase(known, ({ db }) => checkDatabase(db, known)));
  await report.run('clock', () => checkClock(known, world.now));
  return report.hasFailed ? 1 : 0;
}

interface Report {
  settings: Settings | undefined;
  hasFailed: boolean;
  /** `look` returns what is right, or fails with what to do. */
  run(what: string, look: () => Promise<string>): Promise<void>;
}

function createReport({ world }: CommandCall): Report {
  return {
    settings: undefined,
    hasFailed: false,
    async run(what, look) {
      try {
        world.print(`ok      ${what}: ${await look()}`);
      } catch (error) {
        const { text, isDefect } = explainFailure(error, this.settings);
        if (isDefect) throw error;
        this.hasFailed = true;
        world.print(`failed  ${what}: ${text}`);
      }
    },
  };
}

function describeConfiguration(settings: Settings, env: CommandCall['world']['env']): string {
  const [unknown] = findUnknownVariables(env);
  if (unknown !== undefined) {
    const guess = suggest(
      unknown,
      SETTING_NAMES.map((name) => SETTING_ROWS[name].environment),
    );
    const hint = guess === undefined ? 'remove it' : `did you mean ${guess}?`;
    throw new AdministratorError('settings', `${unknown} is no setting: ${hint}`);
  }
  const { host, port, signup, postgresUrl } = settings;
  const database = postgresUrl === undefined ? 'SQLite' : withoutSecrets(postgresUrl);
  return `${host}:${port}, signup ${signup}, ${database}`;
}

/** Looks and makes nothing. */
async function checkDataFolder({ dataDir }: Settings): Promise<string> {
  const isThere = existsSync(dataDir);
  const folder = findExisting(dataDir);
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  if (!isThere) return `${dataDir} is not there yet, the first start makes it`;
  const { mode } = await stat(dataDir);
  const isOpen = process.platform !== 'win32' && (mode & OTHERS) !== 0;
  if (isOpen) throw new AdministratorError('state', `Other users may look into ${dataDir}: run chmod 700 on it`);
  return dataDir;
}

async function checkDisk({ dataDir }: Settings): Promise<string> {
  const { bavail, bsize } = await statfs(findExisting(dataDir));
  const free = bavail * bsize;
  const text = `${Math.floor(free / (1024 * 1024))} MiB free`;
  if (free >= MIN_FREE_BYTES) return text;
  throw new AdministratorError('state', `${text} in ${dataDir}: make room, 512 MiB at least`);
}

function findExisting(folder: string): string {
  let found = folder;
  while (!existsSync(found) && dirname(found) !== found) found = dirname(found);
  return found;
}

async function checkBlobs({ blobStore }: Settings): Promise<string> {
  if (blobStore.kind === 'disk' && !existsSync(blobStore.folder)) {
    await access(findExisting(blobStore.folder), constants.W_OK);
    return `${blobStore.folder} is not there yet, the first start makes it`;
  }
  if (blobStore.kind === 's3') return checkBucket(blobStore);
  await access(blobStore.folder, constants.R_OK | constants.W_OK | constants.X_OK);
  return blobStore.folder;
}

/** Asks for a blob that nobody has: whoever can say "no" can be reached. */
async function checkBucket(settings: Extract<Settings['blobStore'], { kind: 's3' }>): Promise<string> {
  const where = `bucket ${settings.bucket} at ${settings.endpoint}`;
  await using store = await openBlobStore(settings);
  try {
    await store.get(createBlobId(systemRandom));
    return where;
  } catch (cause) {
    // Whatever it was: the remedy is in the same three places.
    const message = `Cannot read from ${where}: check the address in --blob-store, the keys and the network`;
    throw new AdministratorError('state', message, { cause });
  }
}

async function withDatabase(
  settings: Settings,
  look: (database: Database<ServerSchema>) => Promise<string>,
): Promise<string> {
  if (!hasDatabase(settings)) return 'not there yet, the first start makes it';
  await using database = await openDatabaseAsItIs(settings);
  return await look(database);
}

async function checkDatabase(db: Kysely<ServerSchema>, { postgresUrl }: Settings): Promise<string> {
  const version = await findVersion(db);
  if (version === 'newer') throw new AdministratorError('state', explainVersion(version));
  if (version === 'empty') return 'empty, the first start fills it';
  if (postgresUrl === undefined) {
    const { rows } = await sql<{ quick_check: string }>`pragma quick_check`.execute(db);
    if (rows[0]?.quick_check !== 'ok') throw new AdministratorError('state', 'it is damaged: restore a backup');
  }
  return version === 'older' ? 'the next start brings it up to date' : 'up to date';
}

/** A signature's time is judged by this clock, so a wrong one locks everybody out. spec: wire-protocol 5.6 */
async function checkClock(settings: Settings, now: Clock): Promise<string> {
  if (now() < EARLIEST_TIME) throw new AdministratorError('state', `it says ${toText(now())}: set it, best by NTP`);
  return withDatabase(settings, async ({ db }) => {
    const text = toText(now());
    if (settings.postgresUrl !== undefined) await compareWithPostgres(db, now);
    if ((await findVersion(db)) !== 'current') return text;
    const newest = await findNewestTime(db);
    if (newest <= now() + MINUTE_MS) return text;
    throw new AdministratorError(
      'state',
      `it says ${text}, but there is data of ${toText(newest)}: set it, best by NTP`,
    );
  }).then((text) => (hasDatabase(settings) ? text : toText(now())));
}

async function compareWithPostgres(db: Kysely<ServerSchema>, now: Clock): Promise<void> {
  const before = now();
  const { rows } = await sql<{ ms: number | string }>`
    select extract(epoch from clock_timestamp()) * 1000 as ms
  `.execute(db);
  const difference = Number(rows[0]?.ms) - (before + now()) / 2;
  if (Math.abs(difference) <= MAX_CLOCK_DIFFERENCE_MS) return;
  const seconds = Math.round(difference / 1000);
  throw new AdministratorError('state', `the database's clock differs by ${seconds} s: set both by NTP`);
}

async function findNewestTime(db: Kysely<ServerSchema>): Promise<number> {
  const message = await db
    .selectFrom('messages')
    .orderBy('seq', 'desc')
    .limit(1)
    .select('received_at')
    .executeTakeFirst();
  const code = await db
    .selectFrom('invite_codes')
    .select('created_at')
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  return Math.max(message?.received_at ?? 0, code?.created_at ?? 0);
}

function toText(ms: number): string {
  return new Date(ms).toISOString();
}
