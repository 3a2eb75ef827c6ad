// Command line over environment over fallbacks, checked one by one and then together.
import { join } from 'node:path';
import { defaultDataDir, type Place } from './default-data-dir.ts';
import { AdministratorError } from './administrator-error.ts';
import { SETTING_NAMES, SETTING_ROWS, type SettingName, type SettingRow, type SettingValues } from './setting-rows.ts';
import type { BlobStoreSettings, Settings } from './settings.ts';

/** By flag, as typed; a switch is `yes` or `no`. */
export type Flags = Readonly<Record<string, string>>;

export function readSettings(flags: Flags, place: Place): Settings {
  const values = Object.fromEntries(
    SETTING_NAMES.map((name) => [name, readValue(name, { flags, place })]),
  ) as unknown as SettingValues;
  checkTogether(values);
  const dataDir = values.dataDir ?? defaultDataDir(place);
  return {
    host: values.host,
    port: values.port,
    dataDir,
    postgresUrl: toPostgresUrl(values),
    postgresSchema: values.databaseSchema,
    blobStore: toBlobStore(values, dataDir),
    publicUrl: values.publicUrl,
    signup: values.signup,
    corsOrigins: values.corsOrigins,
    agentsMayCreateSpaces: values.agentsMayCreateSpaces,
    membersMayCreateChannels: values.membersMayCreateChannels,
    trustProxy: values.trustProxy,
    limits: {
      perIdentity: values.requestsPerIdentity,
      perAddress: values.requestsPerAddress,
      newPeersPerHour: values.newPeersPerHour,
    },
    retention: { messages: values.keepMessagesDays, blobs: values.keepBlobsDays },
    metricsToken: values.metricsToken,
    logLevel: values.logLevel,
  };
}

/** What a server does when nothing else is said. */
export function defaultSettings(dataDir: string): Settings {
  return readSettings({ 'data-dir': dataDir }, { env: {}, home: dataDir, platform: process.platform });
}

/** Variables that look like ours and are not: mostly a slip of the finger. */
export function findUnknownVariables(env: Place['env']): readonly string[] {
  const known = new Set<string>(SETTING_NAMES.map((name) => SETTING_ROWS[name].environment));
  return Object.keys(env).filter((name) => name.startsWith('PUFFO_SERVER_') && !known.has(name));
}

/** An empty variable counts as not set: that is what compose files and shells make of a missing one. */
function readValue(name: SettingName, { flags, place }: { flags: Flags; place: Place }): unknown {
  const row: SettingRow<unknown> = SETTING_ROWS[name];
  const typed = row.flag === undefined ? undefined : flags[row.flag];
  const inherited = place.env[row.environment];
  const text = typed ?? (inherited === '' ? undefined : inherited) ?? row.fallback;
  if (text === undefined) return undefined;
  const value = typed === '' ? undefined : row.parse(text);
  if (value !== undefined) return value;
  const source = typed === undefined ? row.environment : `--${row.flag}`;
  const quoted = row.isSecret ? '' : ` ${JSON.stringify(text.slice(0, 80))}`;
  throw new AdministratorError('settings', `Cannot use ${source}${quoted}: expected ${row.expected}`);
}

/** Refuses what would be silently ignored: the administrator believes that it works. */
function checkTogether(values: SettingValues): void {
  const { database, databasePassword, databaseSchema, blobStore, s3AccessKeyId, s3SecretAccessKey } = values;
  if (database.kind === 'sqlite') {
    if (databasePassword !== undefined)
      refuse('PUFFO_SERVER_DATABASE_PASSWORD', 'it is for PostgreSQL, but --database is sqlite');
    if (databaseSchema !== undefined) refuse('--database-schema', 'it is for PostgreSQL, but --database is sqlite');
  } else if (databasePassword !== undefined && new URL(database.url).password !== '') {
    refuse('PUFFO_SERVER_DATABASE_PASSWORD', '--database has a password as well, remove one of them');
  }
  const hasKeys = [s3AccessKeyId, s3SecretAccessKey].filter((key) => key !== undefined).length;
  if (blobStore?.kind === 's3' && hasKeys < 2) {
    refuse('--blob-store s3', 'set PUFFO_SERVER_S3_ACCESS_KEY_ID and PUFFO_SERVER_S3_SECRET_ACCESS_KEY as well');
  }
  if (blobStore?.kind !== 's3' && hasKeys > 0) {
    refuse('the PUFFO_SERVER_S3_ keys', '--blob-store names a folder, name an s3:// address or remove the keys');
  }
}

function refuse(what: string, why: string): never {
  throw new AdministratorError('settings', `Cannot use ${what}: ${why}`);
}

function toPostgresUrl({ database, databasePassword }: SettingValues): string | undefined {
  if (database.kind === 'sqlite') return undefined;
  if (databasePassword === undefined) return database.url;
  const url = new URL(database.url);
  url.password = encodeURIComponent(databasePassword);
  return url.href;
}

function toBlobStore(values: SettingValues, dataDir: string): BlobStoreSettings {
  const { blobStore, s3AccessKeyId = '', s3SecretAccessKey = '' } = values;
  if (blobStore === undefined) return { kind: 'disk', folder: join(dataDir, 'blobs') };
  if (blobStore.kind === 'disk') return blobStore;
  return { ...blobStore, accessKeyId: s3AccessKeyId, secretAccessKey: s3SecretAccessKey };
}
