// Facts under which every rule of `src/events` says yes to somebody who may. A test changes one of them.
import { seededRandom } from '@puffo/base';
import {
  createChannelId,
  createEventId,
  type DeviceId,
  type MemberRole,
  type Slug,
  type SubkeyId,
} from '@puffo/protocol';
import type { Actor, Decision, Effect, LinkScope } from '../../src/events/effect.ts';
import type { OpenInvite } from '../../src/events/invite-rules.ts';
import type { LinkFacts } from '../../src/events/link-rules.ts';

const random = seededRandom(7);
export const AT = 1_700_000_000_000;
export const ME = 'me-0001' as Slug;
export const OTHER = 'other-0002' as Slug;
export const CHANNEL = createChannelId(random);
export const SECOND_CHANNEL = createChannelId(random);
export const INVITATION = createEventId(random);
const DEVICE = 'dev_1' as DeviceId;
const SUBKEY = 'sk_1' as SubkeyId;

export const ACTORS = ['owner', 'admin', 'member', 'outsider', 'agent'] as const;
export type ActorName = (typeof ACTORS)[number];

/** An agent is a plain member here. */
export function actorOf(name: ActorName): Actor {
  const roles: Record<ActorName, MemberRole | undefined> = {
    owner: 'owner',
    admin: 'admin',
    member: 'member',
    outsider: undefined,
    agent: 'member',
  };
  return { slug: ME, identityType: name === 'agent' ? 'agent' : 'human', role: roles[name] };
}

export const channel = { channelId: CHANNEL, ownerSlug: OTHER, isPublic: false };
export const channels = { ids: [], areKnown: true, areOpenToInviter: true };
export const invitee = { slug: OTHER, isActive: true, hasBlockedInviter: false, hasOpenInvite: false };
export const forMe: OpenInvite = {
  invitationEventId: INVITATION,
  inviterSlug: OTHER,
  inviteeSlug: ME,
  role: 'member',
  state: 'pending',
};
export const forOther: OpenInvite = { ...forMe, inviteeSlug: 'third-0003' };
export const scope: LinkScope = {
  space_grant: { role: 'member' },
  channel_grants: [{ channel_id: SECOND_CHANNEL, role: 'member' }],
};
export const link: LinkFacts = {
  inviteId: 'inv_1',
  creatorSlug: OTHER,
  scope,
  maxUses: 2,
  uses: 1,
  expiresAt: AT + 1,
  revokedAt: null,
};

export const createSpaceFacts = {
  isIdTaken: false,
  agentsMayCreateSpaces: false,
  name: 'Team',
  generalChannelId: CHANNEL,
  at: AT,
};
export const createChannelFacts = {
  isIdTaken: false,
  isSpaceFull: false,
  membersMayCreateChannels: false,
  channelId: CHANNEL,
  name: 'plans',
  isPublic: false,
  initialMembers: [],
};
export const inviteToSpaceFacts = {
  agentsMayInvite: false,
  invitee,
  isInviteeMember: false,
  role: 'member',
  channels,
  invitationEventId: INVITATION,
  issuedAt: AT,
};
export const inviteToChannelFacts = {
  agentsMayInvite: false,
  channel,
  isActorInChannel: true,
  invitee,
  isInviteeInSpace: true,
  isInviteeInChannel: false,
  acceptsAtOnce: false,
  channelName: 'plans',
  object: { kind: 'invite_to_channel' },
  invitationEventId: INVITATION,
  issuedAt: AT,
  at: AT,
};
export const acceptSpaceFacts = { invite: forMe, isSpaceFull: false, channelIds: [CHANNEL] };
export const removalFacts = { target: OTHER, targetRole: 'member' as const, agents: [], at: AT };
export const channelRemovalFacts = { channel, target: OTHER, isTargetMember: true, isTargetSpaceOwner: false };
export const createLinkFacts = {
  agentsMayInvite: false,
  isIdTaken: false,
  inviteId: 'inv_1',
  scope,
  channels,
  maxUses: null,
  expiresAt: AT + 1,
  publicKey: 'key',
  eventId: INVITATION,
  at: AT,
};
export const redeemLinkFacts = {
  link,
  redeemer: { slug: ME, deviceId: DEVICE, subkeyId: SUBKEY },
  signer: { deviceId: DEVICE, subkeyId: SUBKEY },
  redemptionId: 'red_1',
  isRedemptionIdTaken: false,
  hasRedeemedBefore: false,
  isSpaceFull: false,
  generalChannelId: CHANNEL,
  openChannelIds: [SECOND_CHANNEL],
  joinedChannelIds: [],
  at: AT,
};
export const roleFacts = { target: OTHER, targetRole: 'member' as const };

export function codeOf(decision: Decision): string {
  return decision.kind === 'refused' ? decision.code : decision.kind;
}

export function effectsOf(decision: Decision): readonly Effect[] {
  if (decision.kind === 'applied') return decision.effects;
  throw new TypeError(`not applied: ${codeOf(decision)}`);
}

export function kindsOf(decision: Decision): readonly string[] {
  return effectsOf(decision).map(({ kind }) => kind);
}

export const yes = 'applied';
export const no = 'FORBIDDEN';

export const owner = actorOf('owner');
export const admin = actorOf('admin');
export const member = actorOf('member');
export const outsider = actorOf('outsider');
export const agent = actorOf('agent');
export const inviter: OpenInvite = { ...forOther, inviterSlug: ME };
