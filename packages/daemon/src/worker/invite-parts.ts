// What looking after invites needs, and the one way to speak to the operator about them.
import type { Logger } from '@puffo/base';
import { type Client, ClientError } from '@puffo/client';
import { type EnvelopeId, type Slug, TEXT_CONTENT_TYPE } from '@puffo/protocol';
import type { AgentStore } from '../store/agent-store.ts';
import type { OwnIdentity } from './own-identity.ts';

export interface InviteParts {
  readonly client: Pick<Client, 'invites' | 'directory' | 'outbox' | 'spaces' | 'channels'>;
  readonly store: Pick<AgentStore, 'addInvitePrompt' | 'listInvitePrompts' | 'closeInvitePrompt' | 'decideInvite'>;
  readonly own: OwnIdentity;
  /** Empty: nobody can be asked. */
  readonly operatorSlug: () => string;
  readonly logger: Logger;
}

export interface Saying {
  readonly text: string;
  readonly operatorSlug: Slug;
  readonly threadRootId: EnvelopeId | null;
  /** The same key is the same message, also after a crash. */
  readonly key: string;
}

/** Resolves when it is recorded: from then on it is sent, whatever happens. */
export async function sayToOperator(
  { client, logger }: { readonly client: Pick<Client, 'outbox'>; readonly logger: Logger },
  { text, operatorSlug, threadRootId, key }: Saying,
): Promise<EnvelopeId> {
  const { envelopeId, sent } = await client.outbox.send({
    route: { kind: 'dm', recipientSlug: operatorSlug },
    contentType: TEXT_CONTENT_TYPE,
    content: text,
    threadRootId,
    idempotencyKey: key,
  });
  sent.catch((error: unknown) => {
    const code = codeOf(error);
    if (code !== 'closed') logger.warn('operator-not-told', { messageId: envelopeId, code });
  });
  return envelopeId;
}

export function codeOf(error: unknown): string {
  if (error instanceof ClientError) return error.apiCode ?? error.code;
  return error instanceof Error ? error.name : 'unexpected';
}
