// spec: daemon-and-cli 4.5, D-29, D-52
import type { JsonValue } from '@puffo/base';
import { type AgentSummary, showStatus, type Status } from '@puffo/daemon/status';
import { cleanName } from '../../output/clean-text.ts';
import { formatJson } from '../../output/format-json.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { describeRuntime } from '../describe-runtime.ts';
import { formatLocalTime, formatUptime } from '../format-local-time.ts';
import { summaryToJson } from '../summary-to-json.ts';

const MAX_PROBLEM_CHARACTERS = 500;

export async function run({ context, has, print }: AgentCall): Promise<ExitCode> {
  const status = await showStatus(context);
  if (has('json')) {
    print(formatJson(toJson(status)));
    return 0;
  }
  print(describeDaemon(status));
  print(`home: ${status.home}`);
  print(`agents registered: ${status.agents.length}`);
  if (status.upSince !== undefined) print(`up since: ${describeSince(status.upSince, context.now())}`);
  for (const agent of status.agents) print(describeAgent(agent));
  return 0;
}

function describeSince(at: number, now: number): string {
  return `${formatLocalTime(at)} (${formatUptime(Math.max(0, Math.floor((now - at) / 1000)))})`;
}

function describeDaemon({ daemon, pidFile }: Status): string {
  if (daemon.kind === 'alive') return `daemon: running (pid=${daemon.pid})`;
  if (daemon.kind === 'none') return 'daemon: not running';
  return `daemon: not running (stale pid file at ${pidFile}; pid=${daemon.pid})`;
}

function describeAgent(agent: AgentSummary): string {
  const id = cleanName(agent.id);
  if (agent.kind === 'broken') return `  - ${id}  (error: ${cleanName(agent.problem, MAX_PROBLEM_CHARACTERS)})`;
  const { state, runtime } = agent;
  const health = runtime?.health ?? 'unknown';
  const parts = [`state=${cleanName(state)}`, `runtime=${cleanName(runtime?.status ?? 'unknown')}`];
  if (health !== 'ok' && health !== 'unknown') parts.push(`health=${cleanName(health)}`);
  return `  - ${id}  ${[...parts, ...describeRuntime(runtime)].join('  ')}`;
}

function toJson({ daemon, upSince, home, agents }: Status): JsonValue {
  return {
    daemon: daemon.kind === 'none' ? { state: 'not-running' } : daemonToJson(daemon, upSince),
    home,
    agents: agents.map(summaryToJson),
  };
}

function daemonToJson(
  { kind, pid }: Exclude<Status['daemon'], { kind: 'none' }>,
  upSince: number | undefined,
): JsonValue {
  const state = kind === 'alive' ? 'running' : 'stale';
  return { state, pid, ...(upSince === undefined ? {} : { up_since: Math.floor(upSince / 1000) }) };
}
