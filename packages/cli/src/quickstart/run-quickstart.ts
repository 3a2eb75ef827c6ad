// From nothing to a conversation with an agent over end-to-end encryption. Each step looks whether it is done already, so a run that
// was interrupted goes on, and the next run continues the same world.
import {
  embeddedServerUrl,
  enableEmbeddedServer,
  readSettings,
  type ServerCommandOptions,
} from '@puffo/daemon/operations';
import { listAgents } from '@puffo/daemon/status';
import { makePrivateFolder } from '@puffo/host';
import { runChat } from '../chat/run-chat.ts';
import { openDataFolder } from '../identity/data-folder.ts';
import type { AgentCall, ExitCode } from '../puffo-agent/agent-command.ts';
import { puffoServerProgram } from '../programs.ts';
import { createLog } from '../signed-in/create-log.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';
import { describeOtherHome, describeWorld } from './describe-world.ts';
import { type DaemonInUse, ensureDaemon, noteLastLines } from './ensure-daemon.ts';
import { exchangeOneMessage } from './exchange-one-message.ts';
import { makeAgent } from './make-agent.ts';
import { makePlace } from './make-place.ts';
import { createOperatorCall, operatorFolder } from './operator-call.ts';
import { pickRuntime, type RuntimeChoice } from './pick-runtime.ts';
import { changeQuickstartRecord, findQuickstartRecord, type QuickstartRecord } from './quickstart-record.ts';
import type { QuickstartRun } from './quickstart-run.ts';
import { signUpOperator } from './sign-up-operator.ts';
import { waitForAgent } from './wait-for-agent.ts';

const AGENT_ID = 'helper';

/** Fails with a sentence that says what to do. */
export async function runQuickstart(agentCall: AgentCall): Promise<ExitCode> {
  const { context, print } = agentCall;
  const call = createOperatorCall(agentCall);
  try {
    const folder = openDataFolder(call.world, { clock: context.now, log: createLog(call) });
    const known = await findQuickstartRecord(folder.files);
    const agents = await listAgents({ ...context, warn: () => undefined });
    if (known === undefined && agents.length > 0) {
      for (const line of describeOtherHome(context.home, agents)) print(line);
      return 0;
    }
    const server: ServerCommandOptions = { serverProgram: puffoServerProgram(), environment: context.environment };
    const run: QuickstartRun = { context, call, folder, server, tell: createTeller(print) };
    print(known === undefined ? 'Making a small world of your own:' : 'Going on in your world:');
    await makePrivateFolder(context.home.folder);
    await makePrivateFolder(operatorFolder(context.home));
    if (known === undefined) await changeQuickstartRecord(folder.files, { agentId: AGENT_ID });
    await enterWorld(run);
    return 0;
  } finally {
    call.prompts.close();
  }
}

function createTeller(print: (line: string) => void): (line: string) => void {
  return (line) => print(`  ✓ ${line}`);
}

async function enterWorld(run: QuickstartRun): Promise<void> {
  const { context, call, tell } = run;
  const found = await chooseRuntime(run);
  const port = await enableEmbeddedServer(context.home);
  const serverUrl = embeddedServerUrl(port);
  await using daemon = await oneAtATime(run, () => ensureDaemon(run, port));
  tell(
    `${daemon.isOurs ? 'started' : 'found'} the daemon (process ${daemon.pid}), which keeps a chat server at ${serverUrl}`,
  );
  const choice = adaptChoice(run, found, daemon);
  try {
    await oneAtATime(run, () => signUpOperator(run, serverUrl));
    await signedIn(async (operator) => {
      await meetAgent(run, operator, { daemon, choice });
      return undefined;
    })(call);
  } catch (error) {
    if (!call.world.stop.aborted) noteLastLines(daemon, call.terminal);
    throw error;
  }
}

/** Of several runs in this home: none makes what another one is making. */
function oneAtATime<Result>({ folder }: QuickstartRun, work: () => Promise<Result>): Promise<Result> {
  return folder.files.lock('quickstart', work);
}

/** What it finds is told with the agent; what it cannot use, at once. */
async function chooseRuntime({ context, tell }: QuickstartRun): Promise<RuntimeChoice> {
  const { environment, homeFolder } = context;
  const settings = await readSettings(context);
  const { choice, skipped } = await pickRuntime({ environment, homeFolder, settings, userId: process.getuid?.() });
  for (const sentence of skipped) tell(sentence);
  return choice;
}

/** A daemon that somebody else has started does not see the variables of this terminal. */
function adaptChoice({ tell }: QuickstartRun, choice: RuntimeChoice, { isOurs }: DaemonInUse): RuntimeChoice {
  if (isOurs || choice.kind !== 'provider' || choice.source === 'daemon.yml') return choice;
  tell(`found ${choice.source}, which that daemon does not see: run puffo-agent stop, and then this again`);
  return { kind: 'offline' };
}

interface Meeting {
  readonly daemon: DaemonInUse;
  readonly choice: RuntimeChoice;
}

async function meetAgent(run: QuickstartRun, operator: SignedInCall, { daemon, choice }: Meeting): Promise<void> {
  const { context, call, folder, tell } = run;
  const { id, place, agentSlug } = await oneAtATime(run, async () => {
    const record = (await findQuickstartRecord(folder.files)) ?? NEW_RECORD;
    const found = await makePlace(run, operator, record);
    const { agentId } = record;
    return {
      id: agentId,
      place: found,
      agentSlug: await makeAgent(run, { id: agentId, operator, place: found, choice }),
    };
  });
  await waitForAgent(run, { id, slug: agentSlug, spaceId: place.spaceId, operator, daemon });
  tell(`@${agentSlug} is online, in the channel with you`);
  const { stdin, stdout } = call.world;
  if (stdin.isTTY === true && stdout.isTTY === true) {
    call.terminal.print('');
    call.terminal.print('Write a line and press Enter. /help tells more, Ctrl-D ends the conversation.');
    await runChat(operator, { kind: 'channel', ...place });
  } else {
    await exchangeOneMessage(operator, { agentId: id, agentSlug, place });
  }
  const { serverUrl } = operator.client.http;
  const world = {
    home: context.home,
    agentId: id,
    operatorSlug: operator.client.slug,
    serverUrl,
    goesOn: !daemon.isOurs,
  };
  for (const line of describeWorld(world)) call.terminal.print(line);
}

const NEW_RECORD: QuickstartRecord = { agentId: AGENT_ID, spaceId: undefined, channelId: undefined };
