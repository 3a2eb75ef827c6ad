// LISTEN and NOTIFY of PostgreSQL on a connection of its own, which is made again when it breaks.
import type { Random } from '@puffo/base';
import pg from 'pg';
import { SqlError } from './errors.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const QUERY_TIMEOUT_MS = 10_000;
/** A connection that died without a word is found by asking. */
const HEARTBEAT_MS = 15_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

/** A payload of this many bytes still passes: PostgreSQL wants it shorter than 8000. */
export const NOTIFICATION_BYTES = 7999;

export interface NotificationOptions {
  /** `postgres://user:password@host:port/name` */
  readonly url: string;
  /** At most 63 bytes. */
  readonly channel: string;
  readonly random: Random;
  /** Also for what this connection published itself. */
  readonly onPayload: (payload: string) => void;
  /** Connected again; what others published in between is lost. */
  readonly onReconnect: () => void;
}

export interface Notifications extends AsyncDisposable {
  /** Resolves when all of them are on their way; fails, none of them sent, when there is no connection. */
  publish(payloads: readonly string[]): Promise<void>;
}

/** Fails with `database_unreachable` when the first connection cannot be made. */
export async function openNotifications(options: NotificationOptions): Promise<Notifications> {
  const notifications = new PostgresNotifications(options);
  await notifications.connect();
  return notifications;
}

class PostgresNotifications implements Notifications {
  readonly #options: NotificationOptions;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #connecting: Promise<void> | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(options: NotificationOptions) {
    this.#options = options;
  }

  async connect(): Promise<void> {
    const { url, channel, onPayload } = this.#options;
    const client = new pg.Client({
      connectionString: url,
      application_name: channel,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
    });
    client.on('notification', ({ payload }) => onPayload(payload ?? ''));
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    try {
      await client.connect();
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
    } catch (cause) {
      void hangUp(client);
      const why = cause instanceof Error ? cause.message : 'unknown reason';
      throw new SqlError('database_unreachable', `Cannot listen to the database: ${why}`, { cause, retryable: true });
    }
    if (this.#isClosed) return hangUp(client);
    this.#client = client;
    this.#failures = 0;
    this.#timer = setInterval(() => void this.#check(client), HEARTBEAT_MS);
    return undefined;
  }

  async publish(payloads: readonly string[]): Promise<void> {
    const client = this.#client;
    if (client === undefined) throw new SqlError('database_unreachable', 'Cannot notify: there is no connection');
    const text = 'select pg_notify($1, payload) from unnest($2::text[]) as payload';
    await client.query(text, [this.#options.channel, payloads]);
  }

  async #check(client: pg.Client): Promise<void> {
    try {
      await client.query('select 1');
    } catch {
      // Whatever the reason, another connection is worth a try.
      this.#lose(client);
    }
  }

  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    clearInterval(this.#timer);
    void hangUp(client);
    if (!this.#isClosed) this.#reconnectLater();
  }

  /** Full jitter: nodes that lost the same database come back one after the other. */
  #reconnectLater(): void {
    const [byte = 0] = this.#options.random.bytes(1);
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures = Math.min(this.#failures + 1, 16);
    this.#timer = setTimeout(
      () => {
        this.#connecting = this.#reconnect();
      },
      (longest * byte) / 256,
    );
  }

  async #reconnect(): Promise<void> {
    try {
      await this.connect();
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      if (!this.#isClosed) this.#reconnectLater();
      return;
    }
    if (!this.#isClosed) this.#options.onReconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#connecting;
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await hangUp(client);
  }
}

async function hangUp(client: pg.Client): Promise<void> {
  try {
    await client.end();
  } catch {
    // It was broken already.
  }
}
