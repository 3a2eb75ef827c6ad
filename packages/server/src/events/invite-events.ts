// The facts for `invite-rules.ts`.
import type { ChannelId, EventId, Slug, SpaceId } from '@puffo/protocol';
import { findChannel, findGeneralChannelId, isChannelMember, pickChannels } from '../spaces/channel-store.ts';
import { findActiveIdentity, findInvite, hasBlocked, hasOpenInvite, type InviteRow } from '../spaces/invite-store.ts';
import { findRole, findSpaceMember, isSpaceFull, type Reader } from '../spaces/space-store.ts';
import { findChannelFacts } from './channel-events.ts';
import type { Actor, Decision } from './effect.ts';
import {
  acceptsAtOnce,
  decideAcceptChannelInvite,
  decideAcceptSpaceInvite,
  decideCancelInvite,
  decideInviteToChannel,
  decideInviteToSpace,
  decideRejectInvite,
  type InviteeFacts,
  type ListedChannels,
  type OpenInvite,
  readRole,
} from './invite-rules.ts';
import type { PostedEvent } from './posted-event.ts';
import { readStoredTexts } from './stored-json.ts';

export async function inviteToSpace(posted: PostedEvent<'invite_to_space'>): Promise<Decision> {
  const { transaction, payload, event, actor, settings } = posted;
  const { space_id: spaceId, invitee_slug: inviteeSlug } = payload;
  return decideInviteToSpace({
    actor,
    agentsMayInvite: settings.agentsMayCreateSpaces,
    invitee: await findInvitee(transaction, { slug: inviteeSlug, actor, spaceId, channelId: null }),
    isInviteeMember: (await findRole(transaction, { spaceId, slug: inviteeSlug })) !== undefined,
    role: payload.invitee_role ?? 'member',
    channels: await lookAtChannels(transaction, { spaceId, actor, channelIds: payload.initial_channel_ids ?? [] }),
    invitationEventId: event.eventId,
    issuedAt: payload.issued_at,
  });
}

export async function inviteToChannel(posted: PostedEvent<'invite_to_channel'>): Promise<Decision> {
  const { transaction, payload, event, actor, settings, at } = posted;
  const { space_id: spaceId, channel_id: channelId, invitee_slug: inviteeSlug } = payload;
  const member = await findSpaceMember(transaction, { spaceId, slug: inviteeSlug });
  const autoAccept = {
    ownerInvites: member?.auto_accept_owner_invite === 1,
    memberInvites: member?.auto_accept_member_invite === 1,
  };
  return decideInviteToChannel({
    actor,
    agentsMayInvite: settings.agentsMayCreateSpaces,
    channel: await findChannelFacts(transaction, { spaceId, channelId }),
    isActorInChannel: await isChannelMember(transaction, { channelId, slug: actor.slug }),
    invitee: await findInvitee(transaction, { slug: inviteeSlug, actor, spaceId, channelId }),
    isInviteeInSpace: member !== undefined,
    isInviteeInChannel: await isChannelMember(transaction, { channelId, slug: inviteeSlug }),
    acceptsAtOnce: acceptsAtOnce(autoAccept, actor.role),
    channelName: (await findChannel(transaction, { spaceId, channelId }))?.name ?? '',
    object: event.object,
    invitationEventId: event.eventId,
    issuedAt: payload.issued_at,
    at,
  });
}

async function findInvitee(
  db: Reader,
  wanted: { slug: Slug; actor: Actor; spaceId: SpaceId; channelId: ChannelId | null },
): Promise<InviteeFacts> {
  const { slug, actor } = wanted;
  return {
    slug,
    isActive: (await findActiveIdentity(db, slug)) !== undefined,
    hasBlockedInviter: await hasBlocked(db, { slug, peerSlug: actor.slug }),
    hasOpenInvite: await hasOpenInvite(db, wanted),
  };
}

export async function lookAtChannels(
  db: Reader,
  { spaceId, actor, channelIds }: { spaceId: SpaceId; actor: Actor; channelIds: readonly ChannelId[] },
): Promise<ListedChannels> {
  const ids = Array.from(new Set(channelIds));
  const known = await pickChannels(db, { spaceId, channelIds: ids, slug: actor.slug });
  return {
    ids,
    areKnown: known.length === ids.length,
    areOpenToInviter: known.every(({ isPublic, isJoined }) => isPublic || isJoined),
  };
}

export async function acceptSpaceInvite(posted: PostedEvent<'accept_space_invite'>): Promise<Decision> {
  const { transaction, payload, actor } = posted;
  const { space_id: spaceId, invitation_event_id: invitationEventId } = payload;
  const row = await findInvite(transaction, { invitationEventId, spaceId, channelId: null });
  const general = await findGeneralChannelId(transaction, spaceId);
  // As they stood in the verified event.
  const channelIds = (row === undefined ? [] : readStoredTexts(row.initial_channel_ids)) as readonly ChannelId[];
  const open = await pickChannels(transaction, { spaceId, channelIds, slug: actor.slug });
  return decideAcceptSpaceInvite({
    actor,
    invite: toOpenInvite(row),
    isSpaceFull: await isSpaceFull(transaction, spaceId),
    channelIds: [...(general === undefined ? [] : [general]), ...open.map(({ channelId }) => channelId)],
  });
}

export async function acceptChannelInvite(posted: PostedEvent<'accept_channel_invite'>): Promise<Decision> {
  const { transaction, payload, actor } = posted;
  const { space_id: spaceId, channel_id: channelId, invitation_event_id: invitationEventId } = payload;
  return decideAcceptChannelInvite({
    actor,
    invite: toOpenInvite(await findInvite(transaction, { invitationEventId, spaceId, channelId })),
    channel: await findChannelFacts(transaction, { spaceId, channelId }),
  });
}

export function rejectSpaceInvite(posted: PostedEvent<'reject_space_invite'>): Promise<Decision> {
  return closeInvite(posted, { channelId: null, decide: decideRejectInvite });
}

export function rejectChannelInvite(posted: PostedEvent<'reject_channel_invite'>): Promise<Decision> {
  return closeInvite(posted, { channelId: posted.payload.channel_id, decide: decideRejectInvite });
}

export function cancelSpaceInvite(posted: PostedEvent<'cancel_space_invite'>): Promise<Decision> {
  return closeInvite(posted, { channelId: null, decide: decideCancelInvite });
}

export function cancelChannelInvite(posted: PostedEvent<'cancel_channel_invite'>): Promise<Decision> {
  return closeInvite(posted, { channelId: posted.payload.channel_id, decide: decideCancelInvite });
}

type ClosingKind = 'reject_space_invite' | 'reject_channel_invite' | 'cancel_space_invite' | 'cancel_channel_invite';

async function closeInvite(
  { transaction, payload, actor }: PostedEvent<ClosingKind>,
  { channelId, decide }: { channelId: ChannelId | null; decide: typeof decideRejectInvite },
): Promise<Decision> {
  const { space_id: spaceId, invitation_event_id: invitationEventId } = payload;
  const invite = toOpenInvite(await findInvite(transaction, { invitationEventId, spaceId, channelId }));
  return decide({ actor, invite });
}

function toOpenInvite(row: InviteRow | undefined): OpenInvite | undefined {
  if (row === undefined) return undefined;
  return {
    invitationEventId: row.invitation_event_id as EventId,
    inviterSlug: row.inviter_slug,
    inviteeSlug: row.invitee_slug,
    role: readRole(row.role) ?? 'member',
    state: row.state,
  };
}
