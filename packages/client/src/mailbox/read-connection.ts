// What the connection says, in order, to the parts of the mailbox that it concerns. spec: wire-protocol 10.4, 10.5
import { AppError } from '@puffo/base';
import type { CertEntry, ServerFrame } from '@puffo/protocol';
import type { ConnectionEvent } from '../connection/connection.ts';
import { type Sleep, unlessAborted, withinTime } from '../connection/pause.ts';
import type { ClientContext } from '../context.ts';
import type { Directory } from '../directory/directory.ts';
import type { Acks } from './acks.ts';
import type { Held } from './held.ts';
import type { Intake } from './intake.ts';
import type { PendingFetch } from './pending-fetch.ts';

/** For writing down a certificate before the frames after it are looked at. */
const NOTE_CERT_MS = 5000;

export interface ConnectionReaderDeps {
  readonly events: AsyncIterable<ConnectionEvent>;
  readonly directory: Pick<Directory, 'noteCert' | 'setConnected'>;
  readonly intake: Intake;
  readonly fetch: PendingFetch;
  readonly acks: Acks;
  readonly held: Held;
  readonly onFrame: ((frame: ServerFrame) => void) | undefined;
  readonly context: ClientContext;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
}

/** Resolves when the connection has stopped for good, or at the end of the mailbox. */
export async function readConnection(deps: ConnectionReaderDeps): Promise<void> {
  const events = deps.events[Symbol.asyncIterator]();
  for (;;) {
    const next = await unlessAborted(events.next(), deps.signal);
    if (next === 'aborted' || next.done === true) break;
    await take(next.value, deps);
  }
  deps.directory.setConnected(false);
}

async function take(event: ConnectionEvent, deps: ConnectionReaderDeps): Promise<void> {
  const { directory, intake, fetch, acks, held } = deps;
  switch (event.kind) {
    case 'open':
      directory.setConnected(true);
      intake.startList();
      fetch.start();
      acks.wake();
      held.retryAway();
      return;
    case 'closed':
      directory.setConnected(false);
      intake.disconnect();
      fetch.stop();
      return;
    case 'frame':
      if (event.frame.type === 'message') intake.takeLive(event.frame);
      else await takeOther(event.frame, deps);
  }
}

async function takeOther(frame: ServerFrame, deps: ConnectionReaderDeps): Promise<void> {
  if (frame.type === 'cert_update') {
    await noteCert(frame.entry, deps);
    if (frame.entry.slug !== undefined) deps.held.retryOf(frame.entry.slug);
  }
  try {
    deps.onFrame?.(frame);
  } catch {
    // Whoever only looks on must not end the mailbox.
    deps.context.log.error('frame-listener-failed', { type: frame.type });
  }
}

/** A revocation counts for the messages after it. A directory that fails or takes long asks for it when it is needed. */
async function noteCert(entry: CertEntry, { directory, context, sleep }: ConnectionReaderDeps): Promise<void> {
  try {
    await withinTime(directory.noteCert(entry), { delayMs: NOTE_CERT_MS, sleep });
  } catch (error) {
    context.log.warn('cert-not-noted', { seq: entry.seq, code: error instanceof AppError ? error.code : 'unexpected' });
  }
}
