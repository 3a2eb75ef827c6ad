// Looks at everything that has to be right for agents to answer, and says what is missing in the order in which it helps to repair it.
// Changes nothing.
import { DaemonError, type OperationContext } from '@puffo/daemon/home';
import { type DaemonFile, readDaemonFile } from '@puffo/daemon/operations';
import { showStatus } from '@puffo/daemon/status';
import { cleanName } from '../output/clean-text.ts';
import { examineAgent, type ReachServer } from './examine-agent.ts';
import { examineDisk, examineHome, examineNode, examinePorts } from './examine-machine.ts';
import { type Finding, problem, well } from './finding.ts';

const REACH_TIMEOUT_MS = 3000;
const MAX_AGENTS = 1000;
const MAX_CHARACTERS = 500;

export async function examine(context: OperationContext): Promise<readonly Finding[]> {
  const { home, platform } = context;
  const homeFinding = await examineHome(home, platform);
  const machine = [examineNode(process.versions.node), ...(homeFinding === undefined ? [] : [homeFinding])];
  if (homeFinding?.kind === 'problem') return machine;
  const disk = await examineDisk(home);
  const { file, findings } = await examineDaemonFile(context);
  if (file === undefined) return [...machine, disk, ...findings];
  const { daemon, agents } = await showStatus({ ...context, warn: () => undefined });
  const isDaemonAlive = daemon.kind === 'alive';
  const before = [...machine, disk, ...findings, ...(await examinePorts(file, isDaemonAlive))];
  if (agents.length === 0) return [...before, NO_AGENT];
  const reach = createReach();
  const running: Finding = isDaemonAlive ? well(`the daemon runs (pid=${daemon.pid})`) : NO_DAEMON;
  const ofAgents: Finding[] = [];
  for (const { id } of agents.slice(0, MAX_AGENTS)) {
    ofAgents.push(...(await examineAgent(context, { id, daemon: file, isDaemonAlive, reach })));
  }
  return [...before, running, ...ofAgents];
}

const NO_AGENT = problem('there is no agent yet', {
  why: 'nobody is there who could answer',
  repair: 'puffo-agent quickstart',
});

const NO_DAEMON = problem('the daemon does not run', {
  why: 'agents answer only while it does; messages wait at the server',
  repair: 'puffo-agent start',
});

async function examineDaemonFile({ home }: OperationContext): Promise<{
  /** `undefined`: it cannot be used. */
  readonly file: DaemonFile | undefined;
  readonly findings: readonly Finding[];
}> {
  try {
    const file = await readDaemonFile(home);
    const findings = file.warnings.map((text) =>
      problem(cleanName(text, MAX_CHARACTERS), {
        why: 'the daemon does something else than was meant',
        repair: `edit ${home.daemonFile}`,
      }),
    );
    return { file, findings };
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    const found = problem(cleanName(error.message, MAX_CHARACTERS), {
      why: 'the daemon does not start with it',
      repair: `edit ${home.daemonFile}`,
    });
    return { file: undefined, findings: [found] };
  }
}

/** Each server is asked once, however many agents it has. */
function createReach(): ReachServer {
  const asked = new Map<string, Promise<boolean>>();
  return (serverUrl) => {
    const known = asked.get(serverUrl) ?? ask(serverUrl);
    asked.set(serverUrl, known);
    return known;
  };
}

async function ask(serverUrl: string): Promise<boolean> {
  try {
    const address = new URL(`${serverUrl.replace(/\/+$/, '')}/health`);
    const answer = await fetch(address, { signal: AbortSignal.timeout(REACH_TIMEOUT_MS) });
    await answer.body?.cancel();
    // Whatever it says: somebody is there.
    return true;
  } catch {
    return false;
  }
}
