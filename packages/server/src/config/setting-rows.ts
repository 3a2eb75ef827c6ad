// Every setting of an administrator, one row each. Parsing, environment, `--help` and the reference in docs/server.md all
// come from here.
import {
  parseBlobStore,
  parseCount,
  parseDatabase,
  parseFolder,
  parseHost,
  parseIdentifier,
  parseLogLevel,
  parseOrigins,
  parsePort,
  parseSecret,
  parseSignup,
  parseToken,
  parseWebAddress,
  parseYesNo,
} from './parse-values.ts';
import { DEFAULT_RATES, DEFAULT_RETENTION } from './settings.ts';

export interface SettingRow<Value> {
  /** Without its dashes. Absent: a secret, which does not belong where `ps` shows it. */
  readonly flag?: string;
  readonly environment: `PUFFO_SERVER_${string}`;
  /** What the value is called in help. Absent: a switch, `--flag` or `--no-flag`. */
  readonly value?: string;
  /** As it would be typed. Absent: nothing is chosen, and `help` says what happens then. */
  readonly fallback?: string;
  readonly help: string;
  /** Completes "expected …". */
  readonly expected: string;
  /** `data`: every command that touches the data takes it. `server`: only what starts or checks a server. */
  readonly scope: 'data' | 'server';
  /** Whether the value may hold a secret, so that no sentence quotes it. */
  readonly isSecret?: true;
  readonly parse: (text: string) => Value | undefined;
}

const YES_OR_NO = 'yes or no';
const COUNT = 'a whole number above 0';

export const SETTING_ROWS = {
  host: row({
    flag: 'host',
    environment: 'PUFFO_SERVER_HOST',
    value: 'ADDRESS',
    fallback: '127.0.0.1',
    help: 'address to listen on; 0.0.0.0 for every network',
    expected: 'an address or a host name',
    scope: 'server',
    parse: parseHost,
  }),
  port: row({
    flag: 'port',
    environment: 'PUFFO_SERVER_PORT',
    value: 'NUMBER',
    fallback: '8787',
    help: 'port to listen on; 0 for any free one',
    expected: 'a number from 0 to 65535',
    scope: 'server',
    parse: parsePort,
  }),
  dataDir: row({
    flag: 'data-dir',
    environment: 'PUFFO_SERVER_DATA_DIR',
    value: 'FOLDER',
    help: 'folder of the SQLite database and the blobs; without it, one in your home',
    expected: 'a folder',
    scope: 'data',
    parse: parseFolder,
  }),
  database: row({
    flag: 'database',
    environment: 'PUFFO_SERVER_DATABASE',
    value: 'ADDRESS',
    fallback: 'sqlite',
    help: 'sqlite, or postgres://USER@HOST/NAME',
    expected: 'sqlite (its file is in --data-dir) or postgres://USER@HOST/NAME',
    scope: 'data',
    isSecret: true,
    parse: parseDatabase,
  }),
  databasePassword: row({
    environment: 'PUFFO_SERVER_DATABASE_PASSWORD',
    help: 'password for PostgreSQL, when the address has none',
    expected: 'a password',
    scope: 'data',
    isSecret: true,
    parse: parseSecret,
  }),
  databaseSchema: row({
    flag: 'database-schema',
    environment: 'PUFFO_SERVER_DATABASE_SCHEMA',
    value: 'NAME',
    help: "schema of PostgreSQL that holds the tables; without it, the connection's own",
    expected: 'lowercase letters, digits and underscores',
    scope: 'data',
    parse: parseIdentifier,
  }),
  blobStore: row({
    flag: 'blob-store',
    environment: 'PUFFO_SERVER_BLOB_STORE',
    value: 'PLACE',
    help: 'a folder, or s3://BUCKET?endpoint=URL&region=REGION; without it, blobs in the data folder',
    expected: 'a folder or s3://BUCKET?endpoint=URL&region=REGION',
    scope: 'data',
    isSecret: true,
    parse: parseBlobStore,
  }),
  s3AccessKeyId: row({
    environment: 'PUFFO_SERVER_S3_ACCESS_KEY_ID',
    help: 'key id for the S3 blob store',
    expected: 'a key id',
    scope: 'data',
    isSecret: true,
    parse: parseSecret,
  }),
  s3SecretAccessKey: row({
    environment: 'PUFFO_SERVER_S3_SECRET_ACCESS_KEY',
    help: 'secret key for the S3 blob store',
    expected: 'a key',
    scope: 'data',
    isSecret: true,
    parse: parseSecret,
  }),
  publicUrl: row({
    flag: 'public-url',
    environment: 'PUFFO_SERVER_PUBLIC_URL',
    value: 'URL',
    help: 'how clients reach this server; without it, by the address it listens on',
    expected: 'an http:// or https:// address without password, query and fragment',
    scope: 'server',
    isSecret: true,
    parse: parseWebAddress,
  }),
  signup: row({
    flag: 'signup',
    environment: 'PUFFO_SERVER_SIGNUP',
    value: 'WHO',
    fallback: 'invite',
    help: 'who may sign up: open (anybody), invite (with a code), closed (nobody)',
    expected: 'open, invite or closed',
    scope: 'server',
    parse: parseSignup,
  }),
  corsOrigins: row({
    flag: 'cors-origins',
    environment: 'PUFFO_SERVER_CORS_ORIGINS',
    value: 'ORIGINS',
    fallback: '',
    help: 'web origins that may call from a browser, with commas between them',
    expected: 'origins such as https://chat.example.org, with commas between them',
    scope: 'server',
    parse: parseOrigins,
  }),
  agentsMayCreateSpaces: row({
    flag: 'agents-may-create-spaces',
    environment: 'PUFFO_SERVER_AGENTS_MAY_CREATE_SPACES',
    fallback: 'no',
    help: 'let agents create spaces and invite into them',
    expected: YES_OR_NO,
    scope: 'server',
    parse: parseYesNo,
  }),
  membersMayCreateChannels: row({
    flag: 'members-may-create-channels',
    environment: 'PUFFO_SERVER_MEMBERS_MAY_CREATE_CHANNELS',
    fallback: 'no',
    help: 'let every member of a space create channels, not its owner and admins only',
    expected: YES_OR_NO,
    scope: 'server',
    parse: parseYesNo,
  }),
  trustProxy: row({
    flag: 'trust-proxy',
    environment: 'PUFFO_SERVER_TRUST_PROXY',
    fallback: 'no',
    help: 'believe x-forwarded-for: only behind a proxy that sets it',
    expected: YES_OR_NO,
    scope: 'server',
    parse: parseYesNo,
  }),
  requestsPerIdentity: row({
    flag: 'requests-per-identity',
    environment: 'PUFFO_SERVER_REQUESTS_PER_IDENTITY',
    value: 'NUMBER',
    fallback: String(DEFAULT_RATES.perIdentity),
    help: 'signed requests that one identity may make in a minute',
    expected: COUNT,
    scope: 'server',
    parse: parseCount,
  }),
  requestsPerAddress: row({
    flag: 'requests-per-address',
    environment: 'PUFFO_SERVER_REQUESTS_PER_ADDRESS',
    value: 'NUMBER',
    fallback: String(DEFAULT_RATES.perAddress),
    help: 'unsigned requests that one network address may make in a minute',
    expected: COUNT,
    scope: 'server',
    parse: parseCount,
  }),
  newPeersPerHour: row({
    flag: 'new-peers-per-hour',
    environment: 'PUFFO_SERVER_NEW_PEERS_PER_HOUR',
    value: 'NUMBER',
    fallback: String(DEFAULT_RATES.newPeersPerHour),
    help: 'people that one identity may write to for the first time in an hour',
    expected: COUNT,
    scope: 'server',
    parse: parseCount,
  }),
  keepMessagesDays: row({
    flag: 'keep-messages-days',
    environment: 'PUFFO_SERVER_KEEP_MESSAGES_DAYS',
    value: 'DAYS',
    fallback: String(DEFAULT_RETENTION.messages),
    help: 'how long a message waits for a device that does not come',
    expected: COUNT,
    scope: 'server',
    parse: parseCount,
  }),
  keepBlobsDays: row({
    flag: 'keep-blobs-days',
    environment: 'PUFFO_SERVER_KEEP_BLOBS_DAYS',
    value: 'DAYS',
    fallback: String(DEFAULT_RETENTION.blobs),
    help: 'how long an encrypted file is kept',
    expected: COUNT,
    scope: 'server',
    parse: parseCount,
  }),
  metricsToken: row({
    environment: 'PUFFO_SERVER_METRICS_TOKEN',
    help: 'bearer token for GET /metrics from anywhere; without it, this machine only',
    expected: 'at least 16 characters',
    scope: 'server',
    isSecret: true,
    parse: parseToken,
  }),
  logLevel: row({
    flag: 'log-level',
    environment: 'PUFFO_SERVER_LOG_LEVEL',
    value: 'LEVEL',
    fallback: 'info',
    help: 'debug, info, warn, error or silent',
    expected: 'debug, info, warn, error or silent',
    scope: 'server',
    parse: parseLogLevel,
  }),
} as const;

export type SettingName = keyof typeof SETTING_ROWS;

/** What the rows parse to; `undefined` where nothing was chosen and there is no fallback. */
export type SettingValues = {
  readonly [Name in SettingName]: (typeof SETTING_ROWS)[Name] extends SettingRow<infer Value> & {
    readonly fallback: string;
  }
    ? Value
    : (typeof SETTING_ROWS)[Name] extends SettingRow<infer Value>
      ? Value | undefined
      : never;
};

export const SETTING_NAMES = Object.keys(SETTING_ROWS) as readonly SettingName[];

/** Keeps whether there is a fallback in the type. */
function row<Value, const Row extends SettingRow<Value>>(each: Row & SettingRow<Value>): Row & SettingRow<Value> {
  return each;
}
