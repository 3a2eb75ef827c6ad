// Making, leaving and being removed from a space. spec: wire-protocol 8.4, 8.7
import type { ChannelId, MemberRole, Slug } from '@puffo/protocol';
import { type Actor, applied, type Decision, type Effect, MARKERS, NOT_A_MEMBER, refused } from './effect.ts';

const GENERAL_NAME = 'General';

export interface CreateSpaceFacts {
  readonly actor: Actor;
  readonly isIdTaken: boolean;
  readonly agentsMayCreateSpaces: boolean;
  readonly name: string;
  /** For the channel that comes with the space. */
  readonly generalChannelId: ChannelId;
  readonly at: number;
}

export function decideCreateSpace(facts: CreateSpaceFacts): Decision {
  const { actor, name, generalChannelId: channelId, at } = facts;
  if (facts.isIdTaken) return refused('CONFLICT', 'a space of this id exists');
  if (actor.identityType === 'agent' && !facts.agentsMayCreateSpaces) {
    return refused('FORBIDDEN', 'agents may not create spaces on this server');
  }
  const { slug } = actor;
  const payload = { channel_id: channelId, name: GENERAL_NAME, created_at: at, is_public: true };
  return applied(
    { kind: 'add-space', name, ownerSlug: slug },
    { kind: 'join-space', slug, role: 'owner' },
    { kind: 'emit', event: { kind: 'create_channel', signerSlug: slug, marker: MARKERS.generalChannel, payload } },
    { kind: 'add-channel', channel: { channelId, name: GENERAL_NAME, isPublic: true, ownerSlug: slug } },
    { kind: 'join-channel', channelId, slug, role: 'owner' },
  );
}

export interface LeaveSpaceFacts {
  readonly actor: Actor;
  /** Members of the space that the leaver operates, without those who own it. */
  readonly agents: readonly Slug[];
  readonly at: number;
}

export function decideLeaveSpace({ actor, agents, at }: LeaveSpaceFacts): Decision {
  if (actor.role === undefined) return NOT_A_MEMBER;
  if (actor.role === 'owner') return refused('FORBIDDEN', 'the owner cannot leave; hand the space over first');
  return applied({ kind: 'leave-space', slug: actor.slug }, ...agentsLeave(agents, at));
}

export interface RemoveFromSpaceFacts extends LeaveSpaceFacts {
  readonly target: Slug;
  readonly targetRole: MemberRole | undefined;
}

/** `agents`: those of the target. */
export function decideRemoveFromSpace({ actor, target, targetRole, agents, at }: RemoveFromSpaceFacts): Decision {
  if (actor.role !== 'owner') return refused('FORBIDDEN', 'only the owner of the space removes members');
  if (targetRole === undefined) return refused('NOT_FOUND', 'the person to remove is not a member');
  if (targetRole === 'owner') return refused('CONFLICT', 'the owner cannot be removed');
  return applied({ kind: 'leave-space', slug: target }, ...agentsLeave(agents, at));
}

function agentsLeave(agents: readonly Slug[], at: number): readonly Effect[] {
  return agents.flatMap((slug) => leaveByServer({ slug, at, marker: MARKERS.agentLeaves }));
}

/** The event first, then what it changes. */
export function leaveByServer({ slug, at, marker }: { slug: Slug; at: number; marker: string }): readonly Effect[] {
  const payload = { effective_from: at };
  return [
    { kind: 'emit', event: { kind: 'leave_space', signerSlug: slug, marker, payload } },
    { kind: 'leave-space', slug },
  ];
}
