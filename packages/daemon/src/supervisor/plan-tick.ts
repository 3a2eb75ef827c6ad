// One look at the home and the workers, and what follows from it. Order and priorities are those of 0.7.2.
// spec: daemon-and-cli 1.12, 2.5, 2.6
import { type AgentConfig, needsRestart } from '@puffo/agent/config';
import type { AgentFlag } from '../home/flags.ts';

export type AgentFileFacts =
  | { readonly kind: 'valid'; readonly config: AgentConfig; readonly warnings: readonly string[] }
  | { readonly kind: 'invalid'; readonly problem: string; readonly warnings: readonly string[] };

/** An agent on disk. */
export interface AgentFacts {
  readonly id: string;
  readonly flags: readonly AgentFlag[];
  readonly file: AgentFileFacts;
}

/** An agent that was started, and not stopped since. */
export interface LiveFacts {
  /** With which it runs. */
  readonly config: AgentConfig;
  /** `retry-due`: it failed, and its time has come. */
  readonly condition: 'works' | 'failed' | 'retry-due';
}

export interface TickFacts {
  /** Sorted by id. */
  readonly agents: readonly AgentFacts[];
  readonly live: ReadonlyMap<string, LiveFacts>;
  /** Something is being done to these: they are looked at again when it is done. */
  readonly busy: Pick<ReadonlySet<string>, 'has'>;
}

export type StopReason = 'removed' | 'paused' | 'changed';

export type TickAction =
  /** A worker that is still wanted is started by the tick after. */
  | { readonly kind: 'stop'; readonly id: string; readonly reason: StopReason }
  | { readonly kind: AgentFlag; readonly id: string }
  | { readonly kind: 'start' | 'retry' | 'apply'; readonly id: string; readonly config: AgentConfig }
  | { readonly kind: 'warn'; readonly id: string; readonly text: string };

export function planTick({ agents, live, busy }: TickFacts): readonly TickAction[] {
  const onDisk = new Set(agents.map(({ id }) => id));
  const idle = agents.filter(({ id }) => !busy.has(id));
  const removed = [...live.keys()].filter((id) => !onDisk.has(id) && !busy.has(id));
  const byFlag = new Map<AgentFlag, TickAction[]>([
    ['archive', []],
    ['delete', []],
    ['restart', []],
  ]);
  const byConfig: TickAction[] = [];
  for (const agent of idle) {
    const { id, flags } = agent;
    const [flag] = flags;
    if (flag !== undefined) byFlag.get(flag)?.push({ kind: flag, id });
    else byConfig.push(...planAgent(agent, live.get(id)));
  }
  return [
    ...removed.map((id) => ({ kind: 'stop', id, reason: 'removed' }) as const),
    ...[...byFlag.values()].flat(),
    ...byConfig,
  ];
}

const NOTHING: readonly TickAction[] = [];

function planAgent({ id, file }: AgentFacts, live: LiveFacts | undefined): readonly TickAction[] {
  // Most agents, most of the time.
  if (file.warnings.length === 0 && file.kind === 'valid' && live?.config === file.config && live.condition === 'works')
    return NOTHING;
  const warnings: TickAction[] = file.warnings.map((text) => ({ kind: 'warn', id, text }));
  // A worker keeps the configuration that it has.
  if (file.kind === 'invalid') return [...warnings, { kind: 'warn', id, text: file.problem }];
  const { config } = file;
  if (config.state === 'running') return [...warnings, ...planRunning(config, live)];
  if (config.state === 'paused') {
    return live === undefined ? warnings : [...warnings, { kind: 'stop', id, reason: 'paused' }];
  }
  const text = `agent '${id}': unknown state '${config.state.slice(0, 40)}': nothing is started or stopped; set it to running or paused`;
  return [...warnings, { kind: 'warn', id, text }];
}

function planRunning(config: AgentConfig, live: LiveFacts | undefined): readonly TickAction[] {
  const { id } = config;
  if (live === undefined) return [{ kind: 'start', id, config }];
  if (needsRestart(live.config, config)) return [{ kind: 'stop', id, reason: 'changed' }];
  const isOther = live.config !== config;
  switch (live.condition) {
    case 'works':
      return isOther ? [{ kind: 'apply', id, config }] : NOTHING;
    case 'retry-due':
      return [{ kind: 'retry', id, config }];
    case 'failed':
      // Whoever edits the file wants to know at once whether it helped.
      return isOther ? [{ kind: 'retry', id, config }] : NOTHING;
  }
}
