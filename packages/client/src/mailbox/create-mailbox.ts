// Wires what arrives to the one who reads it. spec: wire-protocol 10.4 to 10.6
import { sleep as sleepForReal } from '@puffo/base';
import type { ReadingDevice, ServerFrame, Slug } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { Connection } from '../connection/connection.ts';
import { type Sleep, unlessAborted } from '../connection/pause.ts';
import type { ClientContext } from '../context.ts';
import type { Directory } from '../directory/directory.ts';
import type { HttpClient } from '../http/http-client.ts';
import { createParts } from './create-parts.ts';
import type { IntakeLimits } from './intake.ts';
import type { Mailbox, MailboxStore } from './mailbox.ts';
import { readConnection } from './read-connection.ts';

export type MailboxDirectory = Pick<
  Directory,
  'findSubkey' | 'findPin' | 'pinOnFirstUse' | 'noteCert' | 'setConnected'
>;

export interface MailboxOptions {
  readonly http: HttpClient;
  /** Absent: what is pending now, and then the end. */
  readonly connection?: Connection | undefined;
  readonly directory: MailboxDirectory;
  readonly keys: ReadingDevice;
  readonly slug: Slug;
  readonly store: MailboxStore;
  readonly context: ClientContext;
  /** Every frame of the connection that is no message, in order. */
  readonly onFrame?: ((frame: ServerFrame) => void) | undefined;
  readonly sleep?: Sleep | undefined;
  readonly limits?: IntakeLimits | undefined;
}

/** The only reader of the connection's events. Does not end the connection. */
export function createMailbox(options: MailboxOptions): Mailbox {
  const { http, connection, context, directory, sleep = sleepForReal } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const parts = createParts({ ...options, sleep, signal });
  const { acks, fetch, held, intake, lane, ledger, handOver, waiters } = parts;

  async function readPending(): Promise<void> {
    const { messages } = await http.call('listPending', { signal });
    if (messages.unreadable > 0) context.log.warn('pending-unreadable', { count: messages.unreadable });
    intake.endList(messages.items);
  }

  async function read(): Promise<void> {
    try {
      const { onFrame } = options;
      if (connection === undefined) await readPending();
      else await readConnection({ ...parts, events: connection.events, directory, onFrame, context, sleep, signal });
      parts.drain();
    } catch (error) {
      parts.fail(error);
    }
  }

  const reading = read();
  const running = Promise.all([lane.run().catch(parts.fail), held.run(), fetch.run(), acks.run()]);

  async function catchUp(): Promise<void> {
    await (connection === undefined || parts.isDraining() ? reading : fetch.request());
    await waiters.wait([...ledger.inFlight, ...acks.waiting]);
  }

  return {
    inbound: handOver,
    acknowledge: parts.acknowledge,
    async caughtUp(callerSignal = signal) {
      const result = await unlessAborted(unlessAborted(catchUp(), signal), callerSignal);
      if (result !== 'aborted') return;
      if (!signal.aborted) callerSignal.throwIfAborted();
      throw new ClientError('Cannot wait for the mailbox: it is closed', { code: 'closed' });
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      handOver.abandon();
      await Promise.all([running, reading]);
    },
  };
}
