// Invitations into spaces and channels. spec: wire-protocol 8.3, 9.21, 12
import type { JsonObject } from '@puffo/base';
import type { ChannelId, EventId, EventKind, InviteEntry, Slug, SpaceId } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ChannelPlace } from './channels.ts';
import { warnUnreadable } from './list-answer.ts';
import { type EventParts, postEvents } from './post-events.ts';

export interface SpaceInvite {
  readonly spaceId: SpaceId;
  readonly slug: Slug;
  /** Which the guest is in as soon as they accept, besides the public ones. */
  readonly channelIds?: readonly ChannelId[];
}

/** What an answer has to name. An entry of `listInvites` is one. */
export type InviteToAnswer = Pick<InviteEntry, 'invitation_event_id' | 'scope' | 'space_id' | 'channel_id'>;

export interface Invites {
  /** Returns the id of the invitation. */
  inviteToSpace(invite: SpaceInvite): Promise<EventId>;
  /** Of somebody who is in the space. */
  inviteToChannel(place: ChannelPlace, slug: Slug): Promise<EventId>;
  /** Those that are open. Who invites is said by the server and signed by nobody. spec: wire-protocol 12.4 */
  listInvites(direction?: 'received' | 'sent'): Promise<readonly InviteEntry[]>;
  acceptInvite(invite: InviteToAnswer): Promise<void>;
  rejectInvite(invite: InviteToAnswer): Promise<void>;
  /** By who invited, or by those who run the space. */
  cancelInvite(invite: InviteToAnswer): Promise<void>;
}

interface AnswerKind {
  readonly space: EventKind;
  readonly channel: EventKind;
  /** The member that holds its time. */
  readonly time: string;
}

const ACCEPT: AnswerKind = { space: 'accept_space_invite', channel: 'accept_channel_invite', time: 'accepted_at' };
const REJECT: AnswerKind = { space: 'reject_space_invite', channel: 'reject_channel_invite', time: 'rejected_at' };
const CANCEL: AnswerKind = { space: 'cancel_space_invite', channel: 'cancel_channel_invite', time: 'cancelled_at' };

export function createInvites(parts: EventParts): Invites {
  const { http, context } = parts;

  async function post(spaceId: SpaceId, event: { kind: EventKind; payload: JsonObject }): Promise<EventId> {
    const [eventId] = await postEvents(parts, { spaceId, events: [event] });
    if (eventId === undefined) throw new TypeError('one event was posted, and none is named');
    return eventId;
  }

  async function answer(invite: InviteToAnswer, kinds: AnswerKind): Promise<void> {
    const { space_id, scope } = invite;
    const payload = {
      ...placeOf(invite),
      invitation_event_id: invite.invitation_event_id,
      [kinds.time]: context.clock(),
    };
    await post(space_id, { kind: scope === 'channel' ? kinds.channel : kinds.space, payload });
  }

  return {
    inviteToSpace({ spaceId, slug, channelIds = [] }) {
      const payload = { space_id: spaceId, invitee_slug: slug, issued_at: context.clock() };
      const channels = channelIds.length === 0 ? {} : { initial_channel_ids: channelIds };
      return post(spaceId, { kind: 'invite_to_space', payload: { ...payload, ...channels } });
    },
    inviteToChannel({ spaceId, channelId }, slug) {
      const place = { space_id: spaceId, channel_id: channelId };
      const payload = { ...place, invitee_slug: slug, issued_at: context.clock() };
      return post(spaceId, { kind: 'invite_to_channel', payload });
    },
    async listInvites(direction = 'received') {
      const { invites } = await http.call('listInvites', { query: { direction } });
      return warnUnreadable(invites, { what: 'invites', context });
    },
    acceptInvite: (invite) => answer(invite, ACCEPT),
    rejectInvite: (invite) => answer(invite, REJECT),
    cancelInvite: (invite) => answer(invite, CANCEL),
  };
}

function placeOf({ scope, space_id, channel_id }: InviteToAnswer): JsonObject {
  if (scope === 'space') return { space_id };
  if (scope === 'channel' && channel_id !== undefined) return { space_id, channel_id };
  throw new ClientError('Cannot answer invitation: it is neither to a space nor to a channel', {
    code: 'invalid-input',
  });
}
