// What somebody means by `general`, `team/general`, `ch_…` or `@bob-1a2b`, and what it is called back to them.
import type { Place, Places } from '@puffo/client';
import type { Conversation } from '@puffo/client/sqlite';
import { isSlug, type Route, type Slug } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import { cleanName } from '../output/clean-text.ts';

export async function findConversation(places: Places, text: string): Promise<Conversation> {
  if (text.startsWith('@')) return { kind: 'dm', peerSlug: parsePerson(text) };
  const { spaceId, channelId } = await places.findChannel(text);
  return { kind: 'channel', spaceId, channelId };
}

/** A slug, with or without its `@`. */
export function parsePerson(text: string): Slug {
  const slug = text.replace(/^@/, '').toLowerCase();
  if (isSlug(slug)) return slug;
  throw new CliError('usage', `Cannot find '${cleanName(text)}': people are named by their slug, such as @alice-1a2b`);
}

export function routeOf(conversation: Conversation): Route {
  if (conversation.kind === 'dm') return { kind: 'dm', recipientSlug: conversation.peerSlug };
  return { kind: 'channel', spaceId: conversation.spaceId, channelId: conversation.channelId };
}

export function isSameConversation(left: Conversation, right: Conversation): boolean {
  if (left.kind === 'channel') return right.kind === 'channel' && left.channelId === right.channelId;
  return right.kind === 'dm' && left.peerSlug === right.peerSlug;
}

/** `Team/General` or `@bob-1a2b`. */
export function labelOf(conversation: Conversation, places: readonly Place[]): string {
  if (conversation.kind === 'dm') return `@${conversation.peerSlug}`;
  const place = places.find(({ channelId }) => channelId === conversation.channelId);
  return place === undefined ? conversation.channelId : `${cleanName(place.spaceName)}/${cleanName(place.channelName)}`;
}
