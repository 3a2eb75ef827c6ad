// spec: daemon-and-cli 4.9, D-52
import { type AgentSummary, listAgents, type RuntimeSummary } from '@puffo/daemon/status';
import { cleanName } from '../../output/clean-text.ts';
import { formatJson } from '../../output/format-json.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { describeRuntime } from '../describe-runtime.ts';
import { formatUptime } from '../format-local-time.ts';
import { summaryToJson } from '../summary-to-json.ts';

const ID_WIDTH = 24;
const NAME_WIDTH = 18;
const STATE_WIDTH = 8;
const RUNTIME_WIDTH = 18;
const COUNT_WIDTH = 6;
const RULE_WIDTH = 100;
const MAX_PROBLEM_CHARACTERS = 500;

export async function run({ context, has, print }: AgentCall): Promise<ExitCode> {
  const agents = await listAgents(context);
  if (has('json')) print(formatJson(agents.map(summaryToJson)));
  else if (agents.length === 0) print('(no agents registered)');
  else {
    print(row({ id: 'ID', name: 'DISPLAY', state: 'STATE', runtime: 'RUNTIME', count: 'MSGS', uptime: 'UPTIME' }));
    print('-'.repeat(RULE_WIDTH));
    for (const agent of agents) print(describeAgent(agent));
  }
  return 0;
}

function describeAgent(agent: AgentSummary): string {
  const id = cleanName(agent.id);
  if (agent.kind === 'broken') {
    return `${id.padEnd(ID_WIDTH)}  (error: ${cleanName(agent.problem, MAX_PROBLEM_CHARACTERS)})`;
  }
  const { runtime } = agent;
  const uptime = runtime?.uptimeSeconds;
  return row({
    id,
    name: shorten(agent.displayName === '' ? agent.id : agent.displayName),
    state: cleanName(agent.state),
    runtime: nameStatus(runtime),
    count: String(runtime?.msgCount ?? 0),
    uptime: [uptime === undefined ? '—' : formatUptime(uptime), ...describeRuntime(runtime)].join('  '),
  });
}

interface Cells {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly runtime: string;
  readonly count: string;
  /** And what there is to say beside. */
  readonly uptime: string;
}

function row({ id, name, state, runtime, count, uptime }: Cells): string {
  return [
    id.padEnd(ID_WIDTH),
    padCharacters(name, NAME_WIDTH),
    state.padEnd(STATE_WIDTH),
    runtime.padEnd(RUNTIME_WIDTH),
    count.padStart(COUNT_WIDTH),
    uptime,
  ].join('  ');
}

function nameStatus(runtime: RuntimeSummary | undefined): string {
  if (runtime === undefined) return 'no data';
  return cleanName(runtime.status) + (runtime.health === 'auth_failed' ? ' [auth_failed]' : '');
}

/** 17 characters and an ellipsis at most. */
function shorten(name: string): string {
  return cleanName(name, NAME_WIDTH);
}

function padCharacters(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - Array.from(text).length));
}
