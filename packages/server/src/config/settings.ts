// What an administrator can choose, complete and checked. How it is read is `read-settings.ts`.

export interface Settings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Holds the SQLite file and, by default, the blobs. */
  readonly dataDir: string;
  /** `undefined`: SQLite in the data folder. */
  readonly postgresUrl: string | undefined;
  /** Tables live in this schema of PostgreSQL; tests use one each. */
  readonly postgresSchema: string | undefined;
  readonly blobStore: BlobStoreSettings;
  /** How clients reach this server; `undefined`: by the address it listens on. */
  readonly publicUrl: string | undefined;
  readonly signup: SignupPolicy;
  /** Web origins that may call the API from a browser. */
  readonly corsOrigins: readonly string[];
  /** Whether agents may create spaces and invite. spec: wire-protocol 15, 19 */
  readonly agentsMayCreateSpaces: boolean;
  /** Whether any member of a space may create channels, or its owner and admins only. */
  readonly membersMayCreateChannels: boolean;
  /** Whether addresses in `x-forwarded-for` are believed: only behind a proxy that sets them. */
  readonly trustProxy: boolean;
  readonly limits: RateSettings;
  readonly retention: RetentionSettings;
  /** Lets `GET /metrics` be read from anywhere with it as bearer token; `undefined`: from this machine only. */
  readonly metricsToken: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** `open`: anybody; `invite`: with a code; `closed`: nobody. */
export type SignupPolicy = 'open' | 'invite' | 'closed';

export type BlobStoreSettings =
  | { readonly kind: 'disk'; readonly folder: string }
  | {
      readonly kind: 's3';
      readonly endpoint: string;
      readonly bucket: string;
      readonly region: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
    };

/** Requests per minute. */
export interface RateSettings {
  readonly perIdentity: number;
  /** For unsigned routes and failed authentication. */
  readonly perAddress: number;
  /** New people that one identity may write to directly, per hour. spec: wire-protocol 15, 12 */
  readonly newPeersPerHour: number;
}

/** Days. spec: wire-protocol 15, 6 */
export interface RetentionSettings {
  readonly messages: number;
  readonly blobs: number;
}

export const DEFAULT_RATES: RateSettings = { perIdentity: 6000, perAddress: 600, newPeersPerHour: 20 };
export const DEFAULT_RETENTION: RetentionSettings = { messages: 30, blobs: 90 };
