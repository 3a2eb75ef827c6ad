// Making, leaving and being removed from a channel. spec: wire-protocol 8.4
import type { ChannelId, Slug } from '@puffo/protocol';
import { type Actor, applied, type Decision, type Effect, isManager, NOT_A_MEMBER, refused } from './effect.ts';

export interface CreateChannelFacts {
  readonly actor: Actor;
  readonly isIdTaken: boolean;
  readonly isSpaceFull: boolean;
  readonly membersMayCreateChannels: boolean;
  readonly channelId: ChannelId;
  readonly name: string;
  readonly isPublic: boolean;
  /** Those of the listed people who are members of the space. */
  readonly initialMembers: readonly Slug[];
}

export function decideCreateChannel(facts: CreateChannelFacts): Decision {
  const { actor, channelId, name, isPublic } = facts;
  const { slug, role } = actor;
  if (role === undefined) return NOT_A_MEMBER;
  if (!isManager(actor) && !facts.membersMayCreateChannels) {
    return refused('FORBIDDEN', 'only the owner and admins of the space create channels');
  }
  if (facts.isIdTaken) return refused('CONFLICT', 'a channel of this id exists');
  if (facts.isSpaceFull) return refused('CONFLICT', 'the space has as many channels as it may have');
  const others = facts.initialMembers.filter((member) => member !== slug);
  return applied(
    { kind: 'add-channel', channel: { channelId, name, isPublic, ownerSlug: slug } },
    { kind: 'join-channel', channelId, slug, role: 'owner' },
    ...others.map((member): Effect => ({ kind: 'join-channel', channelId, slug: member, role: 'member' })),
  );
}

export interface ChannelFacts {
  readonly channelId: ChannelId;
  readonly ownerSlug: string;
  readonly isPublic: boolean;
}

export const NO_SUCH_CHANNEL = refused('NOT_FOUND', 'there is no such channel in this space');

export interface LeaveChannelFacts {
  readonly actor: Actor;
  readonly channel: ChannelFacts | undefined;
  readonly isMember: boolean;
}

export function decideLeaveChannel({ actor, channel, isMember }: LeaveChannelFacts): Decision {
  if (actor.role === undefined) return NOT_A_MEMBER;
  if (channel === undefined) return NO_SUCH_CHANNEL;
  if (!isMember) return refused('FORBIDDEN', 'you are not a member of this channel');
  if (channel.isPublic) return refused('CONFLICT', 'a public channel is left with its space only');
  return applied({ kind: 'leave-channel', channelId: channel.channelId, slug: actor.slug });
}

export interface RemoveFromChannelFacts {
  readonly actor: Actor;
  readonly channel: ChannelFacts | undefined;
  readonly target: Slug;
  readonly isTargetMember: boolean;
  readonly isTargetSpaceOwner: boolean;
}

/** The owner of the space may, and the owner of the channel, if that is a member of the space still. */
export function decideRemoveFromChannel(facts: RemoveFromChannelFacts): Decision {
  const { actor, channel, target } = facts;
  if (actor.role === undefined) return NOT_A_MEMBER;
  if (channel === undefined) return NO_SUCH_CHANNEL;
  if (actor.role !== 'owner' && channel.ownerSlug !== actor.slug) {
    return refused('FORBIDDEN', 'only the owner of the space or of the channel removes members');
  }
  if (!facts.isTargetMember) return refused('NOT_FOUND', 'the person to remove is not in the channel');
  if (facts.isTargetSpaceOwner || target === actor.slug) return refused('CONFLICT', 'an owner cannot be removed');
  return applied({ kind: 'leave-channel', channelId: channel.channelId, slug: target });
}
