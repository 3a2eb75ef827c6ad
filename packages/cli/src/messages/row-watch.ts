// When messages in the outbox are done with: accepted and recorded as such, or given up.
import type { Outbox, OutboxRow } from '@puffo/client';
import type { EnvelopeId } from '@puffo/protocol';

export interface RowWatch {
  /** The row as it is then. For messages that were under way since this watch began. */
  settled(envelopeId: EnvelopeId): Promise<OutboxRow>;
  stop(): void;
}

export function watchRows(outbox: Pick<Outbox, 'onChange'>): RowWatch {
  const settled = new Map<EnvelopeId, OutboxRow>();
  const waiting = new Map<EnvelopeId, (row: OutboxRow) => void>();
  const stop = outbox.onChange((row) => {
    if (row.state === 'queued') return;
    settled.set(row.envelopeId, row);
    waiting.get(row.envelopeId)?.(row);
    waiting.delete(row.envelopeId);
  });
  return {
    settled(envelopeId) {
      const row = settled.get(envelopeId);
      if (row !== undefined) return Promise.resolve(row);
      return new Promise((resolve) => {
        const before = waiting.get(envelopeId);
        waiting.set(envelopeId, (found) => {
          before?.(found);
          resolve(found);
        });
      });
    },
    stop,
  };
}
