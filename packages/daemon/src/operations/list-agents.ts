// spec: daemon-and-cli 4.5, 4.9
import { stat } from 'node:fs/promises';
import { createSlots } from '@puffo/base/light';
import { readAgentFile } from '../home/agent-file.ts';
import { listAgentIds } from '../home/list-agents.ts';
import type { Freshness } from '../home/runtime-record.ts';
import { type DaemonProcess, findDaemon } from '../pid/daemon-process.ts';
import type { OperationContext } from './context.ts';
import { type RuntimeSummary, summarizeRuntime } from './runtime-summary.ts';

const READS_AT_ONCE = 16;

export type AgentSummary =
  | {
      readonly kind: 'agent';
      readonly id: string;
      readonly displayName: string;
      readonly state: string;
      readonly runtime: RuntimeSummary | undefined;
    }
  | { readonly kind: 'broken'; readonly id: string; readonly problem: string };

/** Sorted by id. */
export async function listAgents(context: OperationContext): Promise<readonly AgentSummary[]> {
  const daemon = await findDaemon(context.home, context.readArguments);
  return summarizeAgents(context, daemon);
}

export interface Status {
  readonly daemon: DaemonProcess;
  /** ms; absent unless a daemon runs. */
  readonly upSince: number | undefined;
  readonly pidFile: string;
  readonly home: string;
  readonly agents: readonly AgentSummary[];
}

export async function showStatus(context: OperationContext): Promise<Status> {
  const { home, readArguments } = context;
  const daemon = await findDaemon(home, readArguments);
  return {
    daemon,
    upSince: daemon.kind === 'alive' ? await findTime(home.pidFile) : undefined,
    pidFile: home.pidFile,
    home: home.folder,
    agents: await summarizeAgents(context, daemon),
  };
}

/** A daemon writes its file once, when it starts. */
async function findTime(pidFile: string): Promise<number | undefined> {
  try {
    return Math.floor((await stat(pidFile)).mtimeMs);
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

async function summarizeAgents(context: OperationContext, daemon: DaemonProcess): Promise<readonly AgentSummary[]> {
  const freshness = { isDaemonAlive: daemon.kind === 'alive', now: context.now() };
  const slots = createSlots(READS_AT_ONCE);
  const ids = await listAgentIds(context.home);
  const summaries = await Promise.all(ids.map((id) => slots.run(() => summarizeAgent(context, id, freshness))));
  return summaries.filter((summary) => summary !== undefined);
}

/** `undefined`: it has just gone. */
async function summarizeAgent(
  { home, warn }: OperationContext,
  id: string,
  freshness: Freshness,
): Promise<AgentSummary | undefined> {
  const agent = home.agent(id);
  const file = await readAgentFile(agent);
  if (file.kind === 'missing') return undefined;
  if (file.kind === 'damaged') return { kind: 'broken', id, problem: file.problem };
  const { reading } = file;
  for (const warning of reading.warnings) warn(warning);
  if (reading.kind === 'invalid') return { kind: 'broken', id, problem: reading.reason };
  const { displayName, state } = reading.config;
  return { kind: 'agent', id, displayName, state, runtime: await summarizeRuntime(agent, freshness) };
}
