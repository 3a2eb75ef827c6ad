// Channels of a space. spec: wire-protocol 8.3, 9.15, 9.16, 9.19
import {
  type ChannelEntry,
  type ChannelId,
  type ChannelMemberEntry,
  createChannelId,
  type Slug,
  type SpaceId,
} from '@puffo/protocol';
import { warnUnreadable } from './list-answer.ts';
import { type EventParts, postEvents } from './post-events.ts';

export interface ChannelPlace {
  readonly spaceId: SpaceId;
  readonly channelId: ChannelId;
}

export interface ChannelToCreate {
  readonly spaceId: SpaceId;
  readonly name: string;
  /** Everybody in the space reads it. Absent: private. */
  readonly isPublic?: boolean;
  /** Of the space; they are in it from the start. */
  readonly members?: readonly Slug[];
}

export interface Channels {
  createChannel(channel: ChannelToCreate): Promise<ChannelId>;
  renameChannel(place: ChannelPlace, name: string): Promise<void>;
  /** A public one cannot be left: leave the space. */
  leaveChannel(place: ChannelPlace): Promise<void>;
  /** Those one is in, and the public ones. */
  listChannels(spaceId: SpaceId): Promise<readonly ChannelEntry[]>;
  listChannelMembers(place: ChannelPlace): Promise<readonly ChannelMemberEntry[]>;
}

export function createChannels(parts: EventParts): Channels {
  const { http, context } = parts;
  return {
    async createChannel({ spaceId, name, isPublic = false, members = [] }) {
      const channelId = createChannelId(context.random);
      const payload = {
        space_id: spaceId,
        channel_id: channelId,
        name,
        created_at: context.clock(),
        is_public: isPublic,
        ...(members.length === 0 ? {} : { initial_member_slugs: members }),
      };
      await postEvents(parts, { spaceId, events: [{ kind: 'create_channel', payload }] });
      return channelId;
    },
    async renameChannel(place, name) {
      await http.call('updateChannel', { params: toParams(place), body: { name } });
    },
    async leaveChannel(place) {
      const payload = { ...toParams(place), effective_from: context.clock() };
      await postEvents(parts, { spaceId: place.spaceId, events: [{ kind: 'leave_channel', payload }] });
    },
    async listChannels(spaceId) {
      const { channels } = await http.call('listChannels', { params: { space_id: spaceId } });
      return warnUnreadable(channels, { what: 'channels', context });
    },
    async listChannelMembers(place) {
      const { members } = await http.call('listChannelMembers', { params: toParams(place) });
      return warnUnreadable(members, { what: 'members', context });
    },
  };
}

function toParams({ spaceId, channelId }: ChannelPlace) {
  return { space_id: spaceId, channel_id: channelId };
}
