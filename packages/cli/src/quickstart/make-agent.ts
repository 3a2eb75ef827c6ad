// One agent: its files, its identity at the server, its keys, and its place. Each part is made when it is missing, so a run that was
// interrupted goes on where it was.
import { rm } from 'node:fs/promises';
import { type ChannelPlace, registerAgent } from '@puffo/client';
import { createKeyFolder } from '@puffo/client/node';
import { DaemonError } from '@puffo/daemon/home';
import { connectAgent, createAgent, isConfigured, showAgent } from '@puffo/daemon/operations';
import { createPrivateFiles } from '@puffo/host';
import type { IdentityKeys, Slug } from '@puffo/protocol';
import { openPending } from '../identity/pending-registration.ts';
import { addRegisteredAgent } from '../identity/registered-agents.ts';
import type { DataFolder } from '../identity/data-folder.ts';
import { nameAgent } from '../signed-in/name-agent.ts';
import { pathExists } from '../path-exists.ts';
import type { SignedInCall } from '../signed-in/with-signed-in.ts';
import type { RuntimeChoice } from './pick-runtime.ts';
import type { QuickstartRun } from './quickstart-run.ts';
import { setRuntimeChoice } from './set-runtime-choice.ts';

const DISPLAY_NAME = 'Helper';
const MAX_FILE_BYTES = 1024 * 1024;

export interface AgentToMake {
  readonly id: string;
  readonly operator: SignedInCall;
  readonly place: ChannelPlace;
  readonly choice: RuntimeChoice;
}

/** Its slug. */
export async function makeAgent(run: QuickstartRun, agent: AgentToMake): Promise<Slug> {
  const { context, tell } = run;
  const { id, operator, place, choice } = agent;
  const isNew = await makeFiles(run, agent);
  const answering = await setRuntimeChoice(context, { id, choice, isNew });
  const keys = await makeKeys(run, agent);
  const { puffoCore } = await showAgent(context, { id });
  if (!isConfigured(puffoCore)) {
    const { spaceId, channelId } = place;
    await connectAgent(context, {
      id,
      core: {
        serverUrl: keys.serverUrl,
        slug: keys.slug,
        deviceId: keys.deviceId,
        spaceId,
        operatorSlug: operator.client.slug,
      },
      channels: { [channelId]: 'all' },
    });
    tell(`registered your agent "${id}", @${keys.slug}, with keys of its own`);
  }
  tell(`it answers with ${answering}`);
  await invite(agent, keys.slug);
  return keys.slug;
}

/** Whether they were not there, or not finished. */
async function makeFiles({ context }: QuickstartRun, { id }: AgentToMake): Promise<boolean> {
  const found = await findAgent(context, id);
  if (found !== undefined) return !isConfigured(found.puffoCore);
  await removeUnfinished(context, id);
  await createAgent(context, {
    id,
    displayName: DISPLAY_NAME,
    kind: 'chat-local',
    provider: '',
    model: '',
    apiKey: '',
    baseUrl: '',
    onMention: true,
    onDm: true,
    onChannel: false,
  });
  return true;
}

/** What a run leaves that was killed while it made the files: no agent yet, because the file that makes it one comes last. */
async function removeUnfinished({ home }: QuickstartRun['context'], id: string): Promise<void> {
  const { folder, keysFolder } = home.agent(id);
  // Keys are the only copy there is: what has some is left to a person.
  if (!(await pathExists(keysFolder))) await rm(folder, { recursive: true, force: true });
}

async function findAgent(context: QuickstartRun['context'], id: string) {
  try {
    return await showAgent(context, { id });
  } catch (error) {
    if (error instanceof DaemonError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** Beside the agent's other files, where its worker looks for them. */
async function makeKeys(
  { context, folder, call }: QuickstartRun,
  { id, operator }: AgentToMake,
): Promise<IdentityKeys> {
  const keyFiles = createPrivateFiles(context.home.agent(id).keysFolder, { maxBytes: MAX_FILE_BYTES });
  const own: Pick<DataFolder, 'keys'> = {
    keys: createKeyFolder({ files: keyFiles, context: operator.client.context }),
  };
  const [known] = await own.keys.listIdentities();
  const found = known === undefined ? undefined : await own.keys.loadIdentity(known);
  if (found !== undefined) return found;
  const { serverUrl } = operator.client.http;
  const pending = await openPending(own, { name: `agent-${id}`, serverUrl });
  const keys = await registerAgent(operator.client, { username: id, pending: pending.text, keepPending: pending.keep });
  await own.keys.saveIdentity(keys);
  await addRegisteredAgent(folder.keyFiles, {
    slug: keys.slug,
    operatorSlug: operator.client.slug,
    serverUrl: keys.serverUrl,
    deviceId: keys.deviceId,
    displayName: DISPLAY_NAME,
    registeredAt: call.world.now(),
  });
  await nameAgent(operator, { keys, session: own.keys.sessionStoreOf(keys.slug), displayName: DISPLAY_NAME });
  await pending.remove();
  return keys;
}

/** Its worker accepts by itself, because the root key of its operator vouches for it. */
async function invite({ operator, place: { spaceId } }: AgentToMake, slug: Slug): Promise<void> {
  const { spaces, invites } = operator;
  const members = await spaces.listSpaceMembers(spaceId);
  if (members.some((member) => member.slug === slug)) return;
  const sent = await invites.listInvites('sent');
  if (sent.some(({ space_id, invitee_slug }) => space_id === spaceId && invitee_slug === slug)) return;
  await invites.inviteToSpace({ spaceId, slug });
}
