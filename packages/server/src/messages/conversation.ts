import type { Slug } from '@puffo/protocol';
import type { Kysely } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import type { MessageRow } from './to-message-row.ts';

export interface ConversationQuestion {
  readonly message: Pick<MessageRow, 'sender_slug' | 'recipient_slug' | 'channel_id'>;
  readonly slug: Slug;
}

/** Whether somebody is a member of the message's channel now, or a side of its direct conversation. */
export async function isInConversation(
  db: Kysely<ServerSchema>,
  { message, slug }: ConversationQuestion,
): Promise<boolean> {
  const { channel_id, sender_slug, recipient_slug } = message;
  if (channel_id === null) return slug === sender_slug || slug === recipient_slug;
  const member = await db
    .selectFrom('channel_members')
    .where('channel_id', '=', channel_id)
    .where('slug', '=', slug)
    .select('slug')
    .executeTakeFirst();
  return member !== undefined;
}
