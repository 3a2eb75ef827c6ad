// Asks the operator about an invite of somebody else. spec: wire-protocol 12.3
import { inviteQuestion, type InviteTarget } from '@puffo/agent';
import type { InviteEntry, Slug } from '@puffo/protocol';
import { type InviteParts, sayToOperator } from './invite-parts.ts';
import { untilAborted } from './until-aborted.ts';

export interface QuestionOptions extends Omit<InviteParts, 'operatorSlug'> {
  readonly operatorSlug: Slug;
  readonly signal: AbortSignal;
}

type InvitePlace = Pick<InviteEntry, 'space_id' | 'channel_id'> &
  Partial<Pick<InviteEntry, 'space_name' | 'channel_name'>>;

/** A crash between its two steps asks nobody twice: the outbox knows the key. */
export async function askAboutInvite(entry: InviteEntry, options: QuestionOptions): Promise<void> {
  const { client, store, operatorSlug, logger, signal } = options;
  const { invitation_event_id: eventId, space_id: spaceId, inviter_slug: inviterSlug } = entry;
  const scope = entry.scope === 'channel' ? 'channel' : 'space';
  const channelId = entry.channel_id ?? undefined;
  const profiles = await untilAborted(client.directory.getProfiles([inviterSlug]), signal);
  const inviterName = profiles.get(inviterSlug)?.display_name ?? undefined;
  const text = inviteQuestion({ target: inviteTargetOf(entry), inviterSlug, inviterName });
  const promptId = await sayToOperator(options, { text, operatorSlug, threadRootId: null, key: `invite:${eventId}` });
  await store.addInvitePrompt({ eventId, scope, spaceId, channelId, promptId, operatorSlug });
  logger.info('operator-asked', { eventId, scope, messageId: promptId });
}

/** Names may be absent, and are what the server says. */
export function inviteTargetOf(invite: InvitePlace): InviteTarget {
  const { space_id: spaceId, channel_id: channelId, space_name: spaceName, channel_name: channelName } = invite;
  const channel = channelId === undefined ? undefined : { id: channelId, name: channelName ?? undefined };
  return { spaceId, spaceName: spaceName ?? undefined, channel };
}
