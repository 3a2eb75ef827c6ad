// Who may do what: every kind of event, for every kind of person. spec: wire-protocol 8.4
import type { EventKind } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import {
  AT,
  ACTORS,
  actorOf,
  channel,
  forMe,
  forOther,
  link,
  createSpaceFacts,
  createChannelFacts,
  inviteToSpaceFacts,
  inviteToChannelFacts,
  acceptSpaceFacts,
  removalFacts,
  channelRemovalFacts,
  createLinkFacts,
  redeemLinkFacts,
  roleFacts,
  codeOf,
  yes,
  no,
} from '../../test/kit/event-facts.ts';
import { decideCreateChannel, decideLeaveChannel, decideRemoveFromChannel } from './channel-rules.ts';
import {
  decideAcceptChannelInvite,
  decideAcceptSpaceInvite,
  decideCancelInvite,
  decideInviteToChannel,
  decideInviteToSpace,
  decideRejectInvite,
} from './invite-rules.ts';
import { decideCreateLink, decideRedeemLink, decideRevokeLink } from './link-rules.ts';
import { decideTransfer, decideUpdateRole } from './role-rules.ts';
import { decideCreateSpace, decideLeaveSpace, decideRemoveFromSpace } from './space-rules.ts';
import type { Actor, Decision } from './effect.ts';

interface RoleRow {
  readonly decide: (actor: Actor) => Decision;
  /** In the order of ACTORS. */
  readonly expected: readonly [string, string, string, string, string];
}

/** Everything else is as it should be: only the person decides. spec: wire-protocol 8.4 */
const ROLE_MATRIX: { readonly [Kind in Exclude<EventKind, 'add_to_channel'>]: RoleRow } = {
  create_space: {
    decide: (actor) => decideCreateSpace({ ...createSpaceFacts, actor }),
    expected: [yes, yes, yes, yes, no],
  },
  create_channel: {
    decide: (actor) => decideCreateChannel({ ...createChannelFacts, actor }),
    expected: [yes, yes, no, no, no],
  },
  invite_to_space: {
    decide: (actor) => decideInviteToSpace({ ...inviteToSpaceFacts, actor }),
    expected: [yes, yes, yes, no, no],
  },
  invite_to_channel: {
    decide: (actor) => decideInviteToChannel({ ...inviteToChannelFacts, actor }),
    expected: [yes, yes, yes, no, no],
  },
  accept_space_invite: {
    decide: (actor) => decideAcceptSpaceInvite({ ...acceptSpaceFacts, actor }),
    expected: [yes, yes, yes, yes, yes],
  },
  accept_channel_invite: {
    decide: (actor) => decideAcceptChannelInvite({ actor, invite: forMe, channel }),
    expected: [yes, yes, yes, no, yes],
  },
  reject_space_invite: {
    decide: (actor) => decideRejectInvite({ actor, invite: forMe }),
    expected: [yes, yes, yes, yes, yes],
  },
  reject_channel_invite: {
    decide: (actor) => decideRejectInvite({ actor, invite: forMe }),
    expected: [yes, yes, yes, yes, yes],
  },
  cancel_space_invite: {
    decide: (actor) => decideCancelInvite({ actor, invite: forOther }),
    expected: [yes, yes, no, no, no],
  },
  cancel_channel_invite: {
    decide: (actor) => decideCancelInvite({ actor, invite: forOther }),
    expected: [yes, yes, no, no, no],
  },
  leave_space: {
    decide: (actor) => decideLeaveSpace({ actor, agents: [], at: AT }),
    expected: [no, yes, yes, no, yes],
  },
  leave_channel: {
    decide: (actor) => decideLeaveChannel({ actor, channel, isMember: true }),
    expected: [yes, yes, yes, no, yes],
  },
  remove_from_space: {
    decide: (actor) => decideRemoveFromSpace({ ...removalFacts, actor }),
    expected: [yes, no, no, no, no],
  },
  remove_from_channel: {
    decide: (actor) => decideRemoveFromChannel({ ...channelRemovalFacts, actor }),
    expected: [yes, no, no, no, no],
  },
  update_role: {
    decide: (actor) => decideUpdateRole({ ...roleFacts, actor, newRole: 'admin' }),
    expected: [yes, no, no, no, no],
  },
  transfer_space_ownership: {
    decide: (actor) => decideTransfer({ ...roleFacts, actor, targetType: 'human' }),
    expected: [yes, no, no, no, no],
  },
  create_invite_capability: {
    decide: (actor) => decideCreateLink({ ...createLinkFacts, actor }),
    expected: [yes, yes, yes, no, no],
  },
  redeem_invite_capability: {
    decide: (actor) => decideRedeemLink({ ...redeemLinkFacts, actor }),
    expected: [yes, yes, yes, yes, yes],
  },
  revoke_invite_capability: {
    decide: (actor) => decideRevokeLink({ actor, link }),
    expected: [yes, yes, no, no, no],
  },
};

describe.each(Object.entries(ROLE_MATRIX))('who may %s', (_kind, { decide, expected }) => {
  it.each(ACTORS.map((name, index) => [name, expected[index]] as const))('%s: %s', (name, outcome) => {
    expect(codeOf(decide(actorOf(name)))).toBe(outcome);
  });
});
