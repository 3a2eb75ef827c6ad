import { type Client, ClientError, registerAgent, revokeAgent } from '@puffo/client';
import type { AgentState, IdentityKeys, Slug } from '@puffo/protocol';
import type { CommandDefinition, Outcome } from '../command.ts';
import { openPending } from '../identity/pending-registration.ts';
import { addRegisteredAgent, listRegisteredAgents, removeRegisteredAgent } from '../identity/registered-agents.ts';
import { describeState, statusDot } from '../output/agent-state.ts';
import { cleanName } from '../output/clean-text.ts';
import { columns } from '../output/columns.ts';
import { relativeTime } from '../output/format-time.ts';
import { parsePerson } from '../signed-in/conversation.ts';
import { nameAgent } from '../signed-in/name-agent.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';
import { confirm } from './device-commands.ts';
import { readUsername } from './signup-command.ts';

export const AGENT_COMMANDS: readonly CommandDefinition[] = [
  {
    name: 'agent register',
    summary: 'make an identity for an agent that you vouch for',
    arguments: [{ name: 'name', help: 'letters, digits and dashes; becomes part of its slug' }],
    options: [{ flag: 'display-name', value: 'name', help: 'what others see' }],
    notes: ['Its keys are kept where the daemon finds them. Interrupted, the same command goes on where it was.'],
    examples: ['agent register helper', 'agent register helper --display-name "Helper"'],
    run: signedIn(register),
  },
  {
    name: 'agent list',
    summary: 'list the agents that were registered from this machine, and how they are',
    examples: ['agent list', 'agent list --json'],
    run: signedIn(list),
  },
  {
    name: 'agent revoke',
    summary: 'end an agent for ever',
    arguments: [{ name: 'agent', help: 'its slug' }],
    options: [{ flag: 'yes', help: 'do not ask' }],
    notes: ['It stops, leaves all spaces, and its slug is never given again.'],
    examples: ['agent revoke helper-9a7c'],
    run: signedIn(revoke),
  },
];

async function register(signedInCall: SignedInCall): Promise<Outcome> {
  const { call, client, folder } = signedInCall;
  const username = readUsername(call.argument('name'));
  const displayName = call.option('display-name');
  const pending = await openPending(folder, { name: `agent-${username}`, serverUrl: client.http.serverUrl });
  let keys: IdentityKeys;
  try {
    keys = await registerAgent(client, { username, pending: pending.text, keepPending: pending.keep });
  } catch (error) {
    if (error instanceof ClientError && error.code === 'refused') await pending.removeIfUnused();
    throw error;
  }
  await folder.keys.saveIdentity(keys);
  await addRegisteredAgent(folder.keyFiles, {
    slug: keys.slug,
    operatorSlug: client.slug,
    serverUrl: keys.serverUrl,
    deviceId: keys.deviceId,
    displayName,
    registeredAt: call.world.now(),
  });
  await pending.remove();
  if (displayName !== undefined) await tryToNameAgent(signedInCall, { keys, displayName });
  return {
    json: {
      slug: keys.slug,
      device_id: keys.deviceId,
      operator: client.slug,
      server_url: keys.serverUrl,
      key_file: `${folder.keyFiles.folder}/${keys.slug}.json`,
    },
    lines: [
      `Registered @${keys.slug}. Its keys are in ${folder.keyFiles.folder}.`,
      `Next: invite it with puffo-cli space invite SPACE @${keys.slug},`,
      `and let the daemon run it with slug ${keys.slug} and device ${keys.deviceId}.`,
    ],
  };
}

interface AgentToName {
  readonly keys: IdentityKeys;
  readonly displayName: string;
}

/** The agent is registered whether or not it has a name. */
async function tryToNameAgent(signedInCall: SignedInCall, { keys, displayName }: AgentToName): Promise<void> {
  try {
    const session = signedInCall.folder.keys.sessionStoreOf(keys.slug);
    await nameAgent(signedInCall, { keys, session, displayName });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const remedy = `puffo-cli profile set --slug ${keys.slug} --display-name NAME`;
    signedInCall.call.terminal.note(`The display name could not be set (${error.message}): try ${remedy}`);
  }
}

async function list({ call, client, folder }: SignedInCall): Promise<Outcome> {
  const now = call.world.now();
  const { paint } = call.terminal;
  const agents = await listRegisteredAgents(folder.keyFiles);
  const found = [];
  for (const agent of agents.filter(({ operatorSlug }) => operatorSlug === client.slug)) {
    found.push({ ...agent, status: await findStatus(client, agent.slug) });
  }
  const rows = found.map(({ slug, displayName, registeredAt, status }) => [
    status === undefined ? '?' : statusDot(status, paint),
    paint.bold(`@${slug}`),
    cleanName(displayName ?? ''),
    status === undefined ? 'unknown' : describeState(status),
    paint.dim(`registered ${relativeTime({ at: registeredAt, now })}`),
  ]);
  const json = found.map(({ slug, displayName, registeredAt, status, deviceId }) => ({
    slug,
    display_name: displayName ?? null,
    device_id: deviceId,
    registered_at: registeredAt,
    status: status ?? null,
  }));
  return { json, lines: rows.length === 0 ? ['No agents yet: puffo-cli agent register NAME.'] : columns(rows) };
}

/** One agent that cannot be asked for hides none of the others. */
async function findStatus({ http }: Client, slug: Slug): Promise<AgentState | (string & {}) | undefined> {
  try {
    return (await http.call('getAgentStatus', { params: { slug } })).status;
  } catch (error) {
    if (error instanceof ClientError && error.code === 'refused') return undefined;
    throw error;
  }
}

async function revoke({ call, client, folder }: SignedInCall): Promise<Outcome> {
  const slug = parsePerson(call.argument('agent'));
  await confirm(call, `End @${slug} for ever?`);
  await revokeAgent(client, slug);
  await removeRegisteredAgent(folder.keyFiles, slug);
  await folder.keys.removeIdentity(slug);
  return { json: { slug }, lines: [`Ended @${slug}. Its keys are removed from this machine.`] };
}
