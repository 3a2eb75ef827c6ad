// What the daemon says to the agent's own model: a message in the inbox that nobody sent. It starts a turn in its conversation,
// like any other. spec: runtimes 2.4
import type { Conversation, InboxMessage } from '@puffo/agent';
import type { EnvelopeId, Slug } from '@puffo/protocol';
import type { Transaction } from 'kysely';
import type { AgentSchema } from './agent-schema.ts';
import { recordArrivals } from './record-arrivals.ts';

/** No server gives this name to anybody. */
const SYSTEM_SLUG = 'system' as Slug;
const PREFIX = 'notice_';

export interface NewNotice {
  /** The same key is the same notice, for ever. */
  readonly key: string;
  readonly conversation: Conversation;
  readonly threadRootId: EnvelopeId | null;
  readonly text: string;
}

/** `false`: it was there already. */
export async function addNotice(
  transaction: Transaction<AgentSchema>,
  { key, conversation, threadRootId, text }: NewNotice,
  now: number,
): Promise<boolean> {
  const message: InboxMessage = {
    envelopeId: `${PREFIX}${key}` as EnvelopeId,
    seq: await lastSeq(transaction),
    conversation,
    threadRootId,
    senderSlug: SYSTEM_SLUG,
    senderType: 'system',
    isFromOperator: false,
    text,
    sentAt: now,
  };
  const arrival = { message, attachments: [], replayKey: null, admission: { kind: 'turn', band: 1 } } as const;
  const added = await recordArrivals(transaction, [arrival], now);
  return added.length > 0;
}

/** A server does not number it: it comes after everything that came before. */
async function lastSeq(transaction: Transaction<AgentSchema>): Promise<number> {
  const row = await transaction.selectFrom('inbox').select('seq').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.seq ?? 0;
}
