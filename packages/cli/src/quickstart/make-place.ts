// A space with a channel, where the person and the agent meet.
import type { ChannelPlace } from '@puffo/client';
import type { SpaceId } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import type { SignedInCall } from '../signed-in/with-signed-in.ts';
import { changeQuickstartRecord, type QuickstartRecord } from './quickstart-record.ts';
import type { QuickstartRun } from './quickstart-run.ts';

const SPACE_NAME = 'Home';
/** The server adds it to every space. */
const CHANNEL_NAME = 'general';

export async function makePlace(
  { folder, tell }: QuickstartRun,
  operator: SignedInCall,
  record: QuickstartRecord,
): Promise<ChannelPlace> {
  const spaceId = (await findSpace(operator, record)) ?? (await operator.spaces.createSpace({ name: SPACE_NAME }));
  const channels = await operator.channels.listChannels(spaceId);
  const channelId = (
    channels.find(({ channel_id }) => channel_id === record.channelId) ??
    channels.find(({ name }) => name.toLowerCase() === CHANNEL_NAME) ??
    channels[0]
  )?.channel_id;
  if (channelId === undefined) {
    throw new CliError(
      'failed',
      `Cannot chat in ${spaceId}: it has no channel, make one with puffo-cli channel create`,
    );
  }
  if (record.spaceId !== spaceId || record.channelId !== channelId) {
    await changeQuickstartRecord(folder.files, { spaceId, channelId });
    tell(`made the space "${SPACE_NAME}" with the channel "${CHANNEL_NAME}"`);
  }
  return { spaceId, channelId };
}

/** One that an interrupted run had made has its name, and nobody else is in this server yet. */
async function findSpace({ spaces }: SignedInCall, { spaceId }: QuickstartRecord): Promise<SpaceId | undefined> {
  const mine = await spaces.listSpaces();
  const found = mine.find(({ space_id }) => space_id === spaceId) ?? mine.find(({ name }) => name === SPACE_NAME);
  return found?.space_id;
}
