// What a user of a test has received, kept the way a caller of the mailbox has to: first recorded, then acknowledged.
import type { Inbound, Mailbox } from '@puffo/client';
import type { VerifiedMessage } from '@puffo/protocol';

export interface TestInbox {
  /** Everything that was handed over, in this order; what was handed over twice is here twice. */
  readonly received: readonly Inbound[];
  /** Of these, what was said and by whom is proven. */
  readonly messages: readonly VerifiedMessage[];
  /** Their contents that are texts. */
  readonly texts: readonly string[];
  /** Takes what the mailbox hands over until it ends. */
  readAll(mailbox: Mailbox): Promise<void>;
}

/** `commit`: the user's own record; resolves when it is durable. */
export function createTestInbox(commit: (inbound: Inbound) => Promise<void>): TestInbox {
  const received: Inbound[] = [];
  return {
    received,
    get messages() {
      return received.flatMap((inbound) => (inbound.kind === 'message' ? [inbound.message] : []));
    },
    get texts() {
      return this.messages.flatMap(({ content }) => (typeof content === 'string' ? [content] : []));
    },
    async readAll(mailbox) {
      for await (const inbound of mailbox.inbound) {
        received.push(inbound);
        await commit(inbound);
        mailbox.acknowledge([inbound.envelopeId]);
      }
    },
  };
}
