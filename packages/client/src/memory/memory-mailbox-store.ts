// A record of messages that lasts as long as the process.
import type { EnvelopeId, VerifiedMessage } from '@puffo/protocol';
import type { MailboxStore } from '../mailbox/mailbox.ts';

export interface MemoryMailboxStore extends MailboxStore {
  /** Before it is acknowledged. `message`: absent for what was unreadable. */
  commit(envelopeId: EnvelopeId, message?: Pick<VerifiedMessage, 'replayKey'>): void;
}

export function createMemoryMailboxStore(): MemoryMailboxStore {
  const known = new Set<EnvelopeId>();
  const replayKeys = new Set<string>();
  return {
    async findKnown(envelopeIds) {
      return new Set(envelopeIds.filter((envelopeId) => known.has(envelopeId)));
    },
    async hasReplayKey(replayKey) {
      return replayKeys.has(replayKey);
    },
    commit(envelopeId, message) {
      known.add(envelopeId);
      if (message !== undefined) replayKeys.add(message.replayKey);
    },
  };
}
