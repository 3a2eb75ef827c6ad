import type { DirectoryStore } from './directory/directory-store.ts';
import type { MailboxStore } from './mailbox/mailbox.ts';
import type { OutboxStore } from './outbox/outbox-store.ts';
import type { SessionStore } from './session/session.ts';

/** What a client remembers between runs. */
export interface ClientStores {
  readonly session: SessionStore;
  readonly directory: DirectoryStore;
  readonly mailbox: MailboxStore;
  readonly outbox: OutboxStore;
}
