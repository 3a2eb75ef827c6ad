import type { ChannelId, EnvelopeId, Slug } from '@puffo/protocol';
import type { Kysely } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';

export interface NewestMessage {
  readonly seq: number;
  readonly envelopeId: EnvelopeId;
  readonly senderSlug: Slug;
}

/** Of the channel; `before`: among those with smaller numbers. */
export async function findNewestMessage(
  db: Kysely<ServerSchema>,
  { channelId, before }: { readonly channelId: ChannelId; readonly before?: number },
): Promise<NewestMessage | undefined> {
  const row = await db
    .selectFrom('messages')
    .where('channel_id', '=', channelId)
    .$if(before !== undefined, (query) => query.where('seq', '<', before ?? 0))
    .select(['seq', 'envelope_id', 'sender_slug'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { seq: row.seq, envelopeId: row.envelope_id as EnvelopeId, senderSlug: row.sender_slug as Slug };
}
