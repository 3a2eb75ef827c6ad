// Inviting into spaces and channels, and what becomes of an invite. spec: wire-protocol 8.4, 9.20, 12
import type { JsonObject } from '@puffo/base';
import type { ChannelId, EventId, MemberRole, Slug } from '@puffo/protocol';
import { type ChannelFacts, NO_SUCH_CHANNEL } from './channel-rules.ts';
import {
  type Actor,
  applied,
  type Decision,
  type Effect,
  type InviteRole,
  isManager,
  MARKERS,
  type NewInvite,
  NOT_A_MEMBER,
  refused,
  REPEATED,
} from './effect.ts';

export interface InviteeFacts {
  readonly slug: Slug;
  /** Known to this server and not retired. */
  readonly isActive: boolean;
  readonly hasBlockedInviter: boolean;
  readonly hasOpenInvite: boolean;
}

export interface InviteToSpaceFacts {
  readonly actor: Actor;
  readonly agentsMayInvite: boolean;
  readonly invitee: InviteeFacts;
  readonly isInviteeMember: boolean;
  /** As asked for: the specification leaves it open. */
  readonly role: string;
  readonly channels: ListedChannels;
  readonly invitationEventId: EventId;
  readonly issuedAt: number;
}

/** What an invite or link lists, as the inviter sees it. */
export interface ListedChannels {
  readonly ids: readonly ChannelId[];
  readonly areKnown: boolean;
  /** The inviter is in each of them, or it is public. */
  readonly areOpenToInviter: boolean;
}

export function decideInviteToSpace(facts: InviteToSpaceFacts): Decision {
  const { actor, invitee, channels, invitationEventId, issuedAt } = facts;
  const problem = findInviterProblem(actor, facts.agentsMayInvite) ?? findChannelsProblem(channels);
  if (problem !== undefined) return problem;
  const role = readRole(facts.role);
  if (role === undefined) return refused('INVALID_PAYLOAD', 'the role is neither admin nor member');
  if (role === 'admin' && actor.role !== 'owner') {
    return refused('FORBIDDEN', 'only the owner of the space invites admins');
  }
  if (!invitee.isActive) return refused('NOT_FOUND', 'there is nobody of this slug');
  if (facts.isInviteeMember) return refused('CONFLICT', 'the invitee is a member of the space');
  const inviteeProblem = findInviteeProblem(invitee);
  if (inviteeProblem !== undefined) return inviteeProblem;
  const invite: NewInvite = {
    invitationEventId,
    scope: 'space',
    channelId: null,
    inviterSlug: actor.slug,
    inviteeSlug: invitee.slug,
    role,
    initialChannelIds: channels.ids,
    issuedAt,
  };
  return applied({ kind: 'open-invite', invite });
}

export interface InviteToChannelFacts {
  readonly actor: Actor;
  readonly agentsMayInvite: boolean;
  readonly channel: ChannelFacts | undefined;
  readonly isActorInChannel: boolean;
  readonly invitee: InviteeFacts;
  readonly isInviteeInSpace: boolean;
  readonly isInviteeInChannel: boolean;
  /** By the invitee's own settings, for invites of such an inviter. */
  readonly acceptsAtOnce: boolean;
  readonly channelName: string;
  /** The inviting event as it was signed. */
  readonly object: JsonObject;
  readonly invitationEventId: EventId;
  readonly issuedAt: number;
  readonly at: number;
}

export function decideInviteToChannel(facts: InviteToChannelFacts): Decision {
  const { actor, channel, invitee } = facts;
  const problem = findInviterProblem(actor, facts.agentsMayInvite);
  if (problem !== undefined) return problem;
  if (channel === undefined) return NO_SUCH_CHANNEL;
  if (!facts.isActorInChannel) return refused('FORBIDDEN', 'you are not a member of this channel');
  if (!invitee.isActive) return refused('NOT_FOUND', 'there is nobody of this slug');
  if (!facts.isInviteeInSpace) return refused('CONFLICT', 'the invitee is not a member of the space');
  if (facts.isInviteeInChannel) return refused('CONFLICT', 'the invitee is a member of the channel');
  const inviteeProblem = findInviteeProblem(invitee);
  if (inviteeProblem !== undefined) return inviteeProblem;
  const invite: NewInvite = {
    invitationEventId: facts.invitationEventId,
    scope: 'channel',
    channelId: channel.channelId,
    inviterSlug: actor.slug,
    inviteeSlug: invitee.slug,
    role: 'member',
    initialChannelIds: [],
    issuedAt: facts.issuedAt,
  };
  return applied(
    { kind: 'open-invite', invite },
    ...(facts.acceptsAtOnce ? acceptAtOnce(facts, channel.channelId) : []),
  );
}

function acceptAtOnce(facts: InviteToChannelFacts, channelId: ChannelId): readonly Effect[] {
  const { invitationEventId, invitee, at } = facts;
  const payload = {
    channel_id: channelId,
    invitation_event_id: invitationEventId,
    accepted_at: at,
    channel_name: facts.channelName,
    original_invite: facts.object,
  };
  const event = {
    kind: 'accept_channel_invite',
    signerSlug: invitee.slug,
    marker: MARKERS.autoAccept,
    payload,
  } as const;
  return [
    { kind: 'emit', event },
    { kind: 'join-channel', channelId, slug: invitee.slug, role: 'member' },
    { kind: 'close-invite', invitationEventId, state: 'accepted' },
  ];
}

/** `undefined`: nothing is wrong. Inviting agents are refused unless the operator of the server allows them. */
export function findInviterProblem(actor: Actor, agentsMayInvite: boolean): Decision | undefined {
  if (actor.role === undefined) return NOT_A_MEMBER;
  if (actor.identityType === 'agent' && !agentsMayInvite) {
    return refused('FORBIDDEN', 'agents may not invite on this server');
  }
  return undefined;
}

export function findChannelsProblem({ areKnown, areOpenToInviter }: ListedChannels): Decision | undefined {
  if (!areKnown) return NO_SUCH_CHANNEL;
  return areOpenToInviter ? undefined : refused('FORBIDDEN', 'you are not a member of each channel you invite to');
}

export function readRole(role: string): InviteRole | undefined {
  return role === 'admin' || role === 'member' ? role : undefined;
}

function findInviteeProblem({ hasBlockedInviter, hasOpenInvite }: InviteeFacts): Decision | undefined {
  if (hasBlockedInviter) return refused('FORBIDDEN', 'the invitee does not want to be invited by you');
  return hasOpenInvite ? refused('CONFLICT', 'the invitee has an open invite to the same') : undefined;
}

/** An invite whose space, scope and channel are those of the event that answers it. */
export interface OpenInvite {
  readonly invitationEventId: EventId;
  readonly inviterSlug: string;
  readonly inviteeSlug: string;
  readonly role: InviteRole;
  readonly state: 'pending' | 'accepted' | 'rejected' | 'cancelled' | 'superseded';
}

const NO_SUCH_INVITE = refused('NOT_FOUND', 'there is no such invite');
const NOT_INVITED = refused('FORBIDDEN', 'the invite is for somebody else');

export interface AcceptSpaceInviteFacts {
  readonly actor: Actor;
  readonly invite: OpenInvite | undefined;
  readonly isSpaceFull: boolean;
  /** General and those of the invite, as far as they exist still. */
  readonly channelIds: readonly ChannelId[];
}

export function decideAcceptSpaceInvite({ actor, invite, isSpaceFull, channelIds }: AcceptSpaceInviteFacts): Decision {
  if (invite === undefined) return NO_SUCH_INVITE;
  const early = answerEarly(actor, invite);
  if (early !== undefined) return early;
  if (isSpaceFull && actor.role === undefined) return refused('CONFLICT', 'the space is full');
  const { slug } = actor;
  const joins: readonly Effect[] = actor.role === undefined ? [{ kind: 'join-space', slug, role: invite.role }] : [];
  return applied(
    ...joins,
    ...channelIds.map((channelId): Effect => ({ kind: 'join-channel', channelId, slug, role: 'member' })),
    { kind: 'close-invite', invitationEventId: invite.invitationEventId, state: 'accepted' },
  );
}

export interface AcceptChannelInviteFacts {
  readonly actor: Actor;
  readonly invite: OpenInvite | undefined;
  readonly channel: ChannelFacts | undefined;
}

export function decideAcceptChannelInvite({ actor, invite, channel }: AcceptChannelInviteFacts): Decision {
  if (invite === undefined || channel === undefined) return NO_SUCH_INVITE;
  const early = answerEarly(actor, invite);
  if (early !== undefined) return early;
  if (actor.role === undefined) return NOT_A_MEMBER;
  return applied(
    { kind: 'join-channel', channelId: channel.channelId, slug: actor.slug, role: 'member' },
    { kind: 'close-invite', invitationEventId: invite.invitationEventId, state: 'accepted' },
  );
}

/** What needs no look at the place: a stranger's invite, and one that is closed. */
function answerEarly({ slug }: Actor, { inviteeSlug, state }: OpenInvite): Decision | undefined {
  if (inviteeSlug !== slug) return NOT_INVITED;
  if (state === 'accepted') return REPEATED;
  return state === 'pending' ? undefined : refused('CONFLICT', `the invite is ${state}`);
}

export interface CloseInviteFacts {
  readonly actor: Actor;
  readonly invite: OpenInvite | undefined;
}

export function decideRejectInvite({ actor, invite }: CloseInviteFacts): Decision {
  if (invite === undefined) return NO_SUCH_INVITE;
  const { invitationEventId, inviteeSlug, state } = invite;
  if (inviteeSlug !== actor.slug) return NOT_INVITED;
  if (state !== 'pending') return refused('CONFLICT', `the invite is ${state}`);
  return applied({ kind: 'close-invite', invitationEventId, state: 'rejected' });
}

export function decideCancelInvite({ actor, invite }: CloseInviteFacts): Decision {
  if (invite === undefined) return NO_SUCH_INVITE;
  const { invitationEventId, inviterSlug, state } = invite;
  if (inviterSlug !== actor.slug && !isManager(actor)) {
    return refused('FORBIDDEN', 'only the inviter and the owner and admins of the space cancel an invite');
  }
  if (state !== 'pending') return refused('CONFLICT', `the invite is ${state}`);
  return applied({ kind: 'close-invite', invitationEventId, state: 'cancelled' });
}

/** Whose invites a member lets the server accept. spec: wire-protocol 9.20 */
export interface AutoAccept {
  readonly ownerInvites: boolean;
  readonly memberInvites: boolean;
}

export function acceptsAtOnce(
  { ownerInvites, memberInvites }: AutoAccept,
  inviterRole: MemberRole | undefined,
): boolean {
  return inviterRole === 'owner' ? ownerInvites : memberInvites;
}
