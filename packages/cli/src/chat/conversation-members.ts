// Who reads a conversation, for `chat`.
import { ClientError } from '@puffo/client';
import type { Conversation } from '@puffo/client/sqlite';
import type { Slug } from '@puffo/protocol';
import { memberRows } from '../commands/member-rows.ts';
import { findNames } from '../messages/find-names.ts';
import { namePerson } from '../messages/format-message.ts';
import { columns } from '../output/columns.ts';
import type { SignedInCall } from '../signed-in/with-signed-in.ts';

export async function listReaders(
  { client, channels, call }: SignedInCall,
  conversation: Conversation,
): Promise<readonly string[]> {
  if (conversation.kind === 'channel') {
    return columns(memberRows(await channels.listChannelMembers(conversation), call.terminal.paint));
  }
  const slugs = [client.slug, conversation.peerSlug];
  const names = await findNames(client.directory, slugs);
  return slugs.map((slug) => namePerson(slug, names));
}

/** None when the server cannot be asked: they are shown beside the conversation, which goes on. */
export async function findAgents(
  { client, channels }: SignedInCall,
  conversation: Conversation,
): Promise<readonly Slug[]> {
  try {
    if (conversation.kind === 'channel') {
      const members = await channels.listChannelMembers(conversation);
      return members.filter(({ identity_type }) => identity_type === 'agent').map(({ slug }) => slug);
    }
    const profiles = await client.directory.getProfiles([conversation.peerSlug]);
    return profiles.get(conversation.peerSlug)?.identity_type === 'agent' ? [conversation.peerSlug] : [];
  } catch (error) {
    if (error instanceof ClientError) return [];
    throw error;
  }
}
