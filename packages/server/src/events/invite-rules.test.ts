// Invites: what else has to hold, and what follows. spec: wire-protocol 8.4, 9.20
import { describe, expect, it } from 'vitest';
import {
  AT,
  ME,
  OTHER,
  CHANNEL,
  INVITATION,
  channel,
  channels,
  invitee,
  forMe,
  forOther,
  inviteToSpaceFacts,
  inviteToChannelFacts,
  acceptSpaceFacts,
  codeOf,
  effectsOf,
  kindsOf,
  yes,
  no,
  owner,
  admin,
  member,
  outsider,
  agent,
  inviter,
} from '../../test/kit/event-facts.ts';
import {
  acceptsAtOnce,
  decideAcceptChannelInvite,
  decideAcceptSpaceInvite,
  decideCancelInvite,
  decideInviteToChannel,
  decideInviteToSpace,
  decideRejectInvite,
} from './invite-rules.ts';
import type { Decision } from './effect.ts';

/** One thing changed at a time. */
const CASES: readonly (readonly [string, Decision, string])[] = [
  [
    'agents invite where allowed',
    decideInviteToSpace({ ...inviteToSpaceFacts, actor: agent, agentsMayInvite: true }),
    yes,
  ],
  [
    'an invitee is known',
    decideInviteToSpace({ ...inviteToSpaceFacts, actor: owner, invitee: { ...invitee, isActive: false } }),
    'NOT_FOUND',
  ],
  [
    'an invitee is no member',
    decideInviteToSpace({ ...inviteToSpaceFacts, actor: owner, isInviteeMember: true }),
    'CONFLICT',
  ],
  [
    'one open invite is enough',
    decideInviteToSpace({ ...inviteToSpaceFacts, actor: owner, invitee: { ...invitee, hasOpenInvite: true } }),
    'CONFLICT',
  ],
  [
    'who is blocked does not invite',
    decideInviteToSpace({ ...inviteToSpaceFacts, actor: owner, invitee: { ...invitee, hasBlockedInviter: true } }),
    no,
  ],
  ['the owner invites admins', decideInviteToSpace({ ...inviteToSpaceFacts, actor: owner, role: 'admin' }), yes],
  ['an admin does not invite admins', decideInviteToSpace({ ...inviteToSpaceFacts, actor: admin, role: 'admin' }), no],
  [
    'nobody invites owners',
    decideInviteToSpace({ ...inviteToSpaceFacts, actor: owner, role: 'owner' }),
    'INVALID_PAYLOAD',
  ],
  [
    'listed channels are known',
    decideInviteToSpace({ ...inviteToSpaceFacts, actor: owner, channels: { ...channels, areKnown: false } }),
    'NOT_FOUND',
  ],
  [
    'listed channels are open to the inviter',
    decideInviteToSpace({ ...inviteToSpaceFacts, actor: owner, channels: { ...channels, areOpenToInviter: false } }),
    no,
  ],
  [
    'a channel exists',
    decideInviteToChannel({ ...inviteToChannelFacts, actor: owner, channel: undefined }),
    'NOT_FOUND',
  ],
  [
    'the owner of the space invites into his channels only',
    decideInviteToChannel({ ...inviteToChannelFacts, actor: owner, isActorInChannel: false }),
    no,
  ],
  [
    'an invitee of a channel is in its space',
    decideInviteToChannel({ ...inviteToChannelFacts, actor: owner, isInviteeInSpace: false }),
    'CONFLICT',
  ],
  [
    'an invitee of a channel is not in it',
    decideInviteToChannel({ ...inviteToChannelFacts, actor: owner, isInviteeInChannel: true }),
    'CONFLICT',
  ],
  [
    'who is blocked does not invite into channels either',
    decideInviteToChannel({ ...inviteToChannelFacts, actor: owner, invitee: { ...invitee, hasBlockedInviter: true } }),
    no,
  ],
  [
    'an unknown invite is not accepted',
    decideAcceptSpaceInvite({ ...acceptSpaceFacts, actor: outsider, invite: undefined }),
    'NOT_FOUND',
  ],
  [
    "somebody else's invite is not accepted",
    decideAcceptSpaceInvite({ ...acceptSpaceFacts, actor: outsider, invite: forOther }),
    no,
  ],
  [
    'an accepted invite is accepted again without effect',
    decideAcceptSpaceInvite({ ...acceptSpaceFacts, actor: outsider, invite: { ...forMe, state: 'accepted' } }),
    'repeated',
  ],
  ...(['cancelled', 'rejected', 'superseded'] as const).flatMap((state) => [
    [
      `a ${state} invite is not accepted`,
      decideAcceptSpaceInvite({ ...acceptSpaceFacts, actor: outsider, invite: { ...forMe, state } }),
      'CONFLICT',
    ] as const,
    [
      `a ${state} invite into a channel is not accepted`,
      decideAcceptChannelInvite({ actor: member, channel, invite: { ...forMe, state } }),
      'CONFLICT',
    ] as const,
    [
      `a ${state} invite is not rejected`,
      decideRejectInvite({ actor: outsider, invite: { ...forMe, state } }),
      'CONFLICT',
    ] as const,
    [
      `a ${state} invite is not cancelled`,
      decideCancelInvite({ actor: owner, invite: { ...forOther, state } }),
      'CONFLICT',
    ] as const,
  ]),
  [
    'a full space takes nobody',
    decideAcceptSpaceInvite({ ...acceptSpaceFacts, actor: outsider, isSpaceFull: true }),
    'CONFLICT',
  ],
  [
    'an accepted invite into a channel is accepted again without effect',
    decideAcceptChannelInvite({ actor: member, channel, invite: { ...forMe, state: 'accepted' } }),
    'repeated',
  ],
  [
    'a deleted channel is not joined',
    decideAcceptChannelInvite({ actor: member, invite: forMe, channel: undefined }),
    'NOT_FOUND',
  ],
  ["somebody else's invite is not rejected", decideRejectInvite({ actor: owner, invite: forOther }), no],
  ['an unknown invite is not rejected', decideRejectInvite({ actor: owner, invite: undefined }), 'NOT_FOUND'],
  ['an inviter cancels', decideCancelInvite({ actor: member, invite: inviter }), yes],
  ['an unknown invite is not cancelled', decideCancelInvite({ actor: owner, invite: undefined }), 'NOT_FOUND'],
];

describe('invites', () => {
  it.each(CASES)('%s', (_name, decision, expected) => {
    expect(codeOf(decision)).toBe(expected);
  });

  it('joins with the invited roleFacts, and closes the invite', () => {
    const invite = { ...forMe, role: 'admin' as const };

    expect(effectsOf(decideAcceptSpaceInvite({ ...acceptSpaceFacts, actor: outsider, invite }))).toEqual([
      { kind: 'join-space', slug: ME, role: 'admin' },
      { kind: 'join-channel', channelId: CHANNEL, slug: ME, role: 'member' },
      { kind: 'close-invite', invitationEventId: INVITATION, state: 'accepted' },
    ]);
  });

  it('keeps the roleFacts of somebody who became a member by another way', () => {
    expect(kindsOf(decideAcceptSpaceInvite({ ...acceptSpaceFacts, actor: admin }))).toEqual([
      'join-channel',
      'close-invite',
    ]);
  });

  it('accepts at once for those who want that, and says so in the log', () => {
    const effects = effectsOf(decideInviteToChannel({ ...inviteToChannelFacts, actor: owner, acceptsAtOnce: true }));

    expect(effects.map(({ kind }) => kind)).toEqual(['open-invite', 'emit', 'join-channel', 'close-invite']);
    expect(effects[1]).toEqual({
      kind: 'emit',
      event: {
        kind: 'accept_channel_invite',
        signerSlug: OTHER,
        marker: 'server-auto:auto-accept-channel-invite',
        payload: {
          channel_id: CHANNEL,
          invitation_event_id: INVITATION,
          accepted_at: AT,
          channel_name: 'plans',
          original_invite: inviteToChannelFacts.object,
        },
      },
    });
  });

  it.each([
    ['owner', { ownerInvites: true, memberInvites: false }, true],
    ['owner', { ownerInvites: false, memberInvites: true }, false],
    ['admin', { ownerInvites: false, memberInvites: true }, true],
    ['member', { ownerInvites: true, memberInvites: false }, false],
  ] as const)('asks for invites of an %s the setting for them: %o', (inviterRole, settings, expected) => {
    expect(acceptsAtOnce(settings, inviterRole)).toBe(expected);
  });
});
