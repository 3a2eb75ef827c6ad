// A connection that is always wanted: when reading it fails, it is opened again after a while. spec: daemon-and-cli 2.8, 3.5, D-29
import { sleep } from '@puffo/base';
import type { Client, Connection } from '@puffo/client';
import { DaemonError } from '../daemon-error.ts';
import type { AgentCondition } from './agent-condition.ts';
import { ingest, type IngestParts } from './ingest.ts';
import type { StatusReporter } from './status-reporter.ts';

const LISTEN_AGAIN_MS = 5000;

export interface ListenParts extends IngestParts {
  readonly client: Pick<Client, 'openLive' | 'http'>;
  readonly condition: AgentCondition;
  readonly reporter: Pick<StatusReporter, 'failed' | 'recovered'>;
}

/** Resolves when `signal` is aborted; fails when the server does not let this device in any more. */
export async function listen(parts: ListenParts, signal: AbortSignal): Promise<void> {
  const { logger, condition, reporter } = parts;
  while (!signal.aborted) {
    try {
      await listenOnce(parts, signal);
    } catch (error) {
      if (error instanceof DaemonError) throw error;
      // Its text may quote anything.
      const kind = error instanceof Error ? error.name : typeof error;
      const stack = error instanceof Error ? error.stack : undefined;
      logger.error('listen-failed', { error: kind, stack });
      condition.setConnection({ phase: 'offline', problem: `Cannot take in messages (${kind}): trying again` });
      reporter.failed('Cannot take in messages at the moment');
    }
    // It rejects when it is called off.
    await sleep(LISTEN_AGAIN_MS, signal).catch(() => undefined);
  }
}

async function listenOnce(parts: ListenParts, signal: AbortSignal): Promise<void> {
  const { client } = parts;
  const { connection, mailbox } = client.openLive();
  const stopWatching = watch(connection, parts);

  function close(): void {
    void mailbox[Symbol.asyncDispose]();
  }

  signal.addEventListener('abort', close, { once: true });
  try {
    if (!signal.aborted) await ingest(mailbox, parts);
    if (!signal.aborted && connection.state === 'stopped') throw notLetIn(client.http.serverUrl);
  } finally {
    signal.removeEventListener('abort', close);
    stopWatching();
    await mailbox[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
  }
}

function watch(connection: Connection, { client, condition, reporter, logger }: ListenParts): () => void {
  const { serverUrl } = client.http;
  condition.setConnection({ phase: 'connecting' });
  return connection.onState((state) => {
    logger.debug('connection', { state });
    if (state === 'open') {
      condition.setConnection({ phase: 'online' });
      reporter.recovered();
    }
    if (state === 'waiting') {
      condition.setConnection({ phase: 'offline', problem: `Cannot reach ${serverUrl}: trying again` });
    }
  });
}

function notLetIn(serverUrl: string): DaemonError {
  const message = `Cannot connect: ${serverUrl} does not let this device in any more; check that the agent was not revoked, or enrol it again`;
  return new DaemonError(message, { code: 'failed' });
}
