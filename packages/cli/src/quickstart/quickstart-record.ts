// Which agent, space and channel the quickstart made, in `<home>/operator/quickstart.json`. That it exists says that the world of
// this home is one of ours; each id is noted as soon as there is one.
import { isJsonObject, type JsonObject } from '@puffo/base';
import type { PrivateFiles } from '@puffo/host';
import { type ChannelId, decodeJsonObject, isChannelId, isSpaceId, type SpaceId } from '@puffo/protocol';

export interface QuickstartRecord {
  readonly agentId: string;
  readonly spaceId: SpaceId | undefined;
  readonly channelId: ChannelId | undefined;
}

const FILE = 'quickstart.json';
const MAX_CHARACTERS = 64 * 1024;

export async function findQuickstartRecord(files: PrivateFiles): Promise<QuickstartRecord | undefined> {
  const object = await readObject(files);
  const agentId = object?.['agent_id'];
  if (object === undefined || typeof agentId !== 'string' || agentId === '') return undefined;
  const { space_id: spaceId, channel_id: channelId } = object;
  return {
    agentId,
    spaceId: isSpaceId(spaceId) ? spaceId : undefined,
    channelId: isChannelId(channelId) ? channelId : undefined,
  };
}

/** What is not named stays. */
export async function changeQuickstartRecord(files: PrivateFiles, change: Partial<QuickstartRecord>): Promise<void> {
  const object = {
    ...(await readObject(files)),
    version: 1,
    ...(change.agentId === undefined ? {} : { agent_id: change.agentId }),
    ...(change.spaceId === undefined ? {} : { space_id: change.spaceId }),
    ...(change.channelId === undefined ? {} : { channel_id: change.channelId }),
  };
  await files.write(FILE, `${JSON.stringify(object, null, 2)}\n`);
}

async function readObject(files: PrivateFiles): Promise<JsonObject | undefined> {
  const file = await files.read(FILE);
  if (file === undefined) return undefined;
  const object = decodeJsonObject(file.text, { what: FILE, maxLength: MAX_CHARACTERS, integers: 'any' });
  return isJsonObject(object) ? object : undefined;
}
