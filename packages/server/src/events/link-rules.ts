// Links that invite whoever holds them: made and revoked by members, redeemed by anybody. spec: wire-protocol 14.5
import type { ChannelId, DeviceId, EventId, Slug, SubkeyId } from '@puffo/protocol';
import {
  type Actor,
  applied,
  type Decision,
  type Effect,
  isManager,
  type LinkScope,
  MARKERS,
  refused,
  REPEATED,
} from './effect.ts';
import { findChannelsProblem, findInviterProblem, type ListedChannels, readRole } from './invite-rules.ts';

export interface CreateLinkFacts {
  readonly actor: Actor;
  readonly agentsMayInvite: boolean;
  readonly isIdTaken: boolean;
  readonly inviteId: string;
  readonly scope: LinkScope;
  readonly channels: ListedChannels;
  readonly maxUses: number | null;
  readonly expiresAt: number;
  readonly publicKey: string;
  readonly eventId: EventId;
  readonly at: number;
}

export function decideCreateLink(facts: CreateLinkFacts): Decision {
  const { actor, scope, inviteId, maxUses, expiresAt, publicKey, eventId } = facts;
  const problem = findInviterProblem(actor, facts.agentsMayInvite) ?? findChannelsProblem(facts.channels);
  if (problem !== undefined) return problem;
  const roles = [scope.space_grant?.role, ...scope.channel_grants.map(({ role }) => role)];
  const granted = roles.filter((role) => role !== undefined);
  if (granted.length === 0) return refused('INVALID_PAYLOAD', 'the link grants nothing');
  if (granted.some((role) => readRole(role) === undefined)) {
    return refused('INVALID_PAYLOAD', 'a role is neither admin nor member');
  }
  if (granted.includes('admin') && actor.role !== 'owner') {
    return refused('FORBIDDEN', 'only the owner of the space invites admins');
  }
  if (expiresAt <= facts.at) return refused('INVALID_PAYLOAD', 'the link has expired');
  if (facts.isIdTaken) return refused('CONFLICT', 'a link of this id exists');
  const link = { inviteId, creatorSlug: actor.slug, scope, publicKey, maxUses, expiresAt, eventId };
  return applied({ kind: 'add-link', link });
}

const NO_SUCH_LINK = refused('NOT_FOUND', 'there is no such link');

export interface LinkFacts {
  readonly inviteId: string;
  readonly creatorSlug: string;
  readonly scope: LinkScope;
  readonly maxUses: number | null;
  readonly uses: number;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
}

export interface RedeemLinkFacts {
  readonly actor: Actor;
  readonly link: LinkFacts | undefined;
  readonly redeemer: { readonly slug: Slug; readonly deviceId: DeviceId; readonly subkeyId: SubkeyId };
  readonly signer: { readonly deviceId: DeviceId; readonly subkeyId: SubkeyId };
  readonly redemptionId: string;
  readonly isRedemptionIdTaken: boolean;
  readonly hasRedeemedBefore: boolean;
  readonly isSpaceFull: boolean;
  /** Of the space; `undefined` when it was deleted. */
  readonly generalChannelId: ChannelId | undefined;
  /** Channels of the link that exist still, and which of them the redeemer is in. */
  readonly openChannelIds: readonly ChannelId[];
  readonly joinedChannelIds: readonly ChannelId[];
  readonly at: number;
}

export function decideRedeemLink(facts: RedeemLinkFacts): Decision {
  const { actor, link, redeemer, signer, at } = facts;
  if (redeemer.slug !== actor.slug || redeemer.deviceId !== signer.deviceId || redeemer.subkeyId !== signer.subkeyId) {
    return refused('FORBIDDEN', 'the redeemer is not the signer');
  }
  if (link === undefined) return NO_SUCH_LINK;
  if (facts.hasRedeemedBefore && actor.role !== undefined) return REPEATED;
  if (facts.hasRedeemedBefore) return refused('CONFLICT', 'you used this link before');
  if (facts.isRedemptionIdTaken) return refused('CONFLICT', 'a redemption of this id exists');
  return findLinkProblem(link, at) ?? findEntryProblem(facts, link) ?? applied(...redeem(facts, link));
}

/** A link that ended, in whichever way. */
function findLinkProblem({ revokedAt, expiresAt, maxUses, uses }: LinkFacts, at: number): Decision | undefined {
  if (revokedAt !== null) return refused('GONE', 'the link is revoked');
  if (at >= expiresAt) return refused('GONE', 'the link has expired');
  return maxUses !== null && uses >= maxUses ? refused('GONE', 'the link is used up') : undefined;
}

function findEntryProblem({ actor, isSpaceFull }: RedeemLinkFacts, { scope }: LinkFacts): Decision | undefined {
  if (actor.role !== undefined) return undefined;
  if (scope.space_grant === null) return refused('FORBIDDEN', 'the link is for members of the space');
  return isSpaceFull ? refused('CONFLICT', 'the space is full') : undefined;
}

function redeem(facts: RedeemLinkFacts, { inviteId, scope }: LinkFacts): readonly Effect[] {
  const { actor, redemptionId, generalChannelId } = facts;
  const { slug } = actor;
  const effects: Effect[] = [{ kind: 'use-link', inviteId, redemptionId, slug }];
  if (actor.role === undefined && scope.space_grant !== null) {
    effects.push({ kind: 'join-space', slug, role: readRole(scope.space_grant.role) ?? 'member' });
    effects.push({ kind: 'supersede-invites', slug });
    if (generalChannelId !== undefined) {
      effects.push({ kind: 'join-channel', channelId: generalChannelId, slug, role: 'member' });
    }
  }
  for (const { channel_id: channelId, role } of scope.channel_grants) {
    if (!facts.openChannelIds.includes(channelId) || facts.joinedChannelIds.includes(channelId)) continue;
    const payload = { channel_id: channelId, added_slug: slug, source_redemption_id: redemptionId };
    const event = { kind: 'add_to_channel', signerSlug: slug, marker: MARKERS.linkRedemption, payload } as const;
    effects.push({ kind: 'emit', event });
    effects.push({ kind: 'join-channel', channelId, slug, role: readRole(role) ?? 'member' });
  }
  return effects;
}

export interface RevokeLinkFacts {
  readonly actor: Actor;
  readonly link: LinkFacts | undefined;
}

export function decideRevokeLink({ actor, link }: RevokeLinkFacts): Decision {
  if (link === undefined) return NO_SUCH_LINK;
  if (link.creatorSlug !== actor.slug && !isManager(actor)) {
    return refused('FORBIDDEN', 'only the maker of a link and the owner and admins of the space revoke it');
  }
  return link.revokedAt === null ? applied({ kind: 'revoke-link', inviteId: link.inviteId }) : REPEATED;
}
