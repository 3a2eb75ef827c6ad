import type { Route } from '../define-route.ts';
import { archiveSpace } from './archive-space.ts';
import { deleteChannel } from './delete-channel.ts';
import { deleteSpace } from './delete-space.ts';
import { getMemberSettings } from './get-member-settings.ts';
import { getSpace } from './get-space.ts';
import { INVITE_ROUTES } from './invite-routes.ts';
import { listChannelMembers } from './list-channel-members.ts';
import { listChannels } from './list-channels.ts';
import { listEvents } from './list-events.ts';
import { listSpaceMembers } from './list-space-members.ts';
import { listSpaces } from './list-spaces.ts';
import { postEvents } from './post-events.ts';
import { unarchiveSpace } from './unarchive-space.ts';
import { updateChannel } from './update-channel.ts';
import { updateMemberSettings } from './update-member-settings.ts';
import { updateSpace } from './update-space.ts';

export const SPACE_ROUTES: readonly Route[] = [
  postEvents,
  listEvents,
  listSpaces,
  getSpace,
  listSpaceMembers,
  updateSpace,
  deleteSpace,
  archiveSpace,
  unarchiveSpace,
  getMemberSettings,
  updateMemberSettings,
  listChannels,
  listChannelMembers,
  updateChannel,
  deleteChannel,
  ...INVITE_ROUTES,
];
