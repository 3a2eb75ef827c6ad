// One recorded message on its way.
import { createDeferred, type Deferred } from '@puffo/base';
import { ClientError } from '../client-error.ts';
import type { SentMessage } from './outbox.ts';
import type { OutboxRow } from './outbox-store.ts';

export interface Job {
  row: OutboxRow;
  readonly sent: Deferred<SentMessage>;
  /** The server has the message. */
  isAccepted: boolean;
  /** The row is what the store holds: earlier work on it is over. */
  isCurrent: boolean;
}

/** `isNew`: the row was recorded just now, and nobody else works on it. */
export function createJob(row: OutboxRow, { isNew }: { readonly isNew: boolean }): Job {
  return { row, sent: createDeferred(), isAccepted: false, isCurrent: isNew };
}

/** Of a row that is not queued any more. */
export async function outcomeOf({ envelopeId, seq, state, failure }: OutboxRow): Promise<SentMessage> {
  if (state !== 'failed') return { envelopeId, seq: seq ?? undefined };
  throw new ClientError('Cannot send message: it failed for good before', {
    code: 'refused',
    fields: { failure: failure ?? 'unknown' },
  });
}

export function removedError(): ClientError {
  return new ClientError('Cannot send message: its record was removed', { code: 'aborted' });
}

export function closedError(): ClientError {
  return new ClientError(
    'Cannot send message now: the outbox is closed; what is recorded is sent after the next start',
    {
      code: 'closed',
    },
  );
}
