// One rule per kind of event. spec: wire-protocol 8.3, 8.4
import type { EventKind, ParsedEvent } from '@puffo/protocol';
import { createChannel, leaveChannel, removeFromChannel } from './channel-events.ts';
import { type Decision, refused } from './effect.ts';
import {
  acceptChannelInvite,
  acceptSpaceInvite,
  cancelChannelInvite,
  cancelSpaceInvite,
  inviteToChannel,
  inviteToSpace,
  rejectChannelInvite,
  rejectSpaceInvite,
} from './invite-events.ts';
import { createLink, redeemLink, revokeLink } from './link-events.ts';
import type { Decide, PostedEvent } from './posted-event.ts';
import { createSpace, leaveSpace, removeFromSpace, transferOwnership, updateRole } from './space-events.ts';

const DECIDE: { readonly [Kind in EventKind]: Decide<Kind> } = {
  create_space: createSpace,
  create_channel: createChannel,
  invite_to_space: inviteToSpace,
  invite_to_channel: inviteToChannel,
  accept_space_invite: acceptSpaceInvite,
  accept_channel_invite: acceptChannelInvite,
  reject_space_invite: rejectSpaceInvite,
  reject_channel_invite: rejectChannelInvite,
  cancel_space_invite: cancelSpaceInvite,
  cancel_channel_invite: cancelChannelInvite,
  leave_space: leaveSpace,
  leave_channel: leaveChannel,
  remove_from_space: removeFromSpace,
  remove_from_channel: removeFromChannel,
  update_role: updateRole,
  transfer_space_ownership: transferOwnership,
  add_to_channel: () => Promise.resolve(refused('FORBIDDEN', 'only the server adds this event')),
  create_invite_capability: createLink,
  redeem_invite_capability: redeemLink,
  revoke_invite_capability: revokeLink,
};

export type KnownEvent = Exclude<ParsedEvent, { kind: 'unknown' }>;

export function decideEvent(parsed: KnownEvent, posted: Omit<PostedEvent<EventKind>, 'payload'>): Promise<Decision> {
  // The table pairs kind and payload, which the compiler cannot follow through a lookup.
  const decide = DECIDE[parsed.kind] as Decide<EventKind>;
  return decide({ ...posted, payload: parsed.payload });
}
