// spec: daemon-and-cli 4.8
import { resolve } from 'node:path';
import { type AgentCreation, checkCreation, createAgent, findKey } from '@puffo/daemon/operations';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { askDaemon, reportAgent } from '../ask-daemon.ts';
import { createOperator } from '../ask-operator.ts';
import { isThere } from '../is-there.ts';

export async function run(call: AgentCall): Promise<ExitCode> {
  const { context, text, has, print, world } = call;
  const profile = text('profile');
  const creation: Omit<AgentCreation, 'apiKey'> = {
    id: text('id') ?? '',
    displayName: text('display-name'),
    profile: profile === undefined ? undefined : resolve(world.workingFolder, profile),
    kind: text('runtime') ?? 'chat-local',
    provider: text('provider') ?? '',
    model: text('model') ?? '',
    baseUrl: text('base-url') ?? '',
    harness: text('harness'),
    onMention: !has('no-mention'),
    onDm: !has('no-dm'),
    onChannel: has('on-channel'),
  };
  await checkCreation(context, creation);
  const complete: AgentCreation = { ...creation, apiKey: await chooseKey(call, creation) };
  const { id } = creation;
  const asked = await askDaemon(call, {
    operation: 'create-agent',
    input: complete,
    lookUp: async () => ((await isThere(context, id)) ? { id } : undefined),
  });
  const isDaemonAlive = asked === undefined ? (await createAgent(context, complete)).isDaemonAlive : true;
  const { folder, agentFile } = context.home.agent(id);
  print(`created agent '${id}' at ${folder}`);
  print(`next: register an identity with puffo-cli, then fill puffo_core in ${agentFile}`);
  if (asked !== undefined) reportAgent(call, asked.agent, 'work');
  else {
    print(
      isDaemonAlive
        ? 'daemon is running — it will pick the agent up within a few seconds.'
        : 'daemon is not running — run `puffo-agent start` to activate.',
    );
  }
  return 0;
}

async function chooseKey(
  { context, text, note, world }: AgentCall,
  { kind, provider }: Pick<AgentCreation, 'kind' | 'provider'>,
): Promise<string> {
  const given = text('api-key') ?? '';
  if (given !== '') return given;
  const source = await findKey(context, { kind, provider });
  if (source.kind === 'inherited') return '';
  if (source.kind === 'found') {
    note(`note: the key in ${source.variable} is copied into agent.yml`);
    return source.apiKey;
  }
  const operator = createOperator(world);
  try {
    return await operator.askSecret(`API key for ${source.provider} (blank to skip): `);
  } finally {
    operator.close();
  }
}
