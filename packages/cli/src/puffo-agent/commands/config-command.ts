// spec: daemon-and-cli 4.2, D-2
import { configure, type OfferedKey, readSettings, requireProvider } from '@puffo/daemon/operations';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { createOperator } from '../ask-operator.ts';

const CLEAR = '-';
const PROVIDERS = [
  ['anthropic', 'Anthropic'],
  ['openai', 'OpenAI'],
  ['google', 'Google'],
] as const;
const KINDS = [
  'runtime kinds:',
  '  chat-local   asks the API of the provider; no tools of its own',
  '  sdk-local    Claude Agent SDK in the daemon; tools by allow list',
  '  cli-local    a coding CLI on this machine, with the rights of this user',
  '  cli-docker   a coding CLI in a container',
];

export async function run({ context, world, print }: AgentCall): Promise<ExitCode> {
  const settings = await readSettings(context);
  print(`${settings.exists ? 'updating' : 'creating'} daemon.yml at ${settings.file}`);
  const operator = createOperator(world);
  const keys: { [Name in (typeof PROVIDERS)[number][0]]?: string } = {};
  try {
    const defaultProvider = await operator.ask(
      `Default AI provider (anthropic|openai|google) [${settings.defaultProvider}]: `,
    );
    if (defaultProvider !== '') requireProvider(defaultProvider);
    for (const [provider, label] of PROVIDERS) {
      const answer = await operator.askSecret(`Default ${label} API key (${describeOffer(settings.keys[provider])}): `);
      if (answer !== '') keys[provider] = answer === CLEAR ? '' : answer;
    }
    await configure(context, { defaultProvider, keys });
  } finally {
    operator.close();
  }
  print(`wrote ${settings.file}`);
  print(`agents dir: ${settings.agentsFolder}`);
  for (const line of KINDS) print(line);
  return 0;
}

function describeOffer(offer: OfferedKey): string {
  if (offer.kind === 'none') return 'blank to skip';
  if (offer.kind === 'stored') return `stored, …${offer.tail}; blank keeps it, ${CLEAR} removes it`;
  return `…${offer.tail} from ${offer.variable}; blank stores that, ${CLEAR} stores none`;
}
