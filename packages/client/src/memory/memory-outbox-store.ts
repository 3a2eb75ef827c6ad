// For tests and for clients that keep nothing: what is queued is lost when the program ends.
import type { EnvelopeId } from '@puffo/protocol';
import type { OutboxRow, OutboxStore } from '../outbox/outbox-store.ts';

export function createMemoryOutboxStore(): OutboxStore {
  const rows = new Map<EnvelopeId, OutboxRow>();
  const byKey = new Map<string, EnvelopeId>();

  function findByKey(idempotencyKey: string | null): OutboxRow | undefined {
    const envelopeId = idempotencyKey === null ? undefined : byKey.get(idempotencyKey);
    return envelopeId === undefined ? undefined : rows.get(envelopeId);
  }

  return {
    async add(row) {
      const known = findByKey(row.idempotencyKey);
      if (known !== undefined) return known;
      rows.set(row.envelopeId, row);
      if (row.idempotencyKey !== null) byKey.set(row.idempotencyKey, row.envelopeId);
      return row;
    },
    async update(envelopeId, change) {
      const row = rows.get(envelopeId);
      if (row !== undefined) rows.set(envelopeId, { ...row, ...change });
    },
    async find(envelopeId) {
      return rows.get(envelopeId);
    },
    async listQueued() {
      return [...rows.values()].filter(({ state }) => state === 'queued');
    },
  };
}
