// What the home says about its agents. Looks at every agent each time, and reads only what has changed since.
// spec: daemon-and-cli 2.5, D-16, D-50
import { readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@puffo/base';
import { readAgentFile } from '../home/agent-file.ts';
import { AGENT_FLAGS, type AgentFlag, hasFlag } from '../home/flags.ts';
import type { AgentPaths, Home } from '../home/home.ts';
import { type FileStamp, isSameStamp, isSettled, readStamp } from './file-stamp.ts';
import type { AgentFacts, AgentFileFacts } from './plan-tick.ts';

const MAX_AGENTS = 10_000;
const READS_AT_ONCE = 16;

export interface HomeScan {
  /** Sorted by id. What has not changed is the same object as the last time. */
  scan(): Promise<readonly AgentFacts[]>;
}

interface Known {
  readonly facts: AgentFacts;
  readonly file: FileStamp | undefined;
  readonly flags: FileStamp | undefined;
  /** Nothing can have changed unseen. */
  readonly isSettled: boolean;
}

interface Candidate {
  readonly agent: AgentPaths;
  readonly file: FileStamp | undefined;
  readonly flags: FileStamp | undefined;
  /** Why it cannot be looked at. */
  readonly problem?: string;
}

export function createHomeScan({ home, clock }: { readonly home: Home; readonly clock: Clock }): HomeScan {
  const paths = new Map<string, AgentPaths>();
  let known = new Map<string, Known>();

  function pathsOf(id: string): AgentPaths {
    const found = paths.get(id) ?? home.agent(id);
    paths.set(id, found);
    return found;
  }

  async function learn({ agent, file, flags, problem }: Candidate): Promise<Known | undefined> {
    const before = known.get(agent.id);
    const read = problem === undefined ? await readFacts(agent) : invalid(`agent '${agent.id}': ${problem}`);
    if (read === undefined) return undefined;
    const dropped = flags === undefined ? [] : await listFlags(agent);
    const facts = reuse(before?.facts, { id: agent.id, flags: dropped, file: read });
    const now = clock();
    const isOver = dropped.length === 0 && problem === undefined && isSettled(file, now) && isSettled(flags, now);
    return { facts, file, flags, isSettled: isOver };
  }

  return {
    async scan() {
      const next = new Map<string, Known>();
      const changed: Candidate[] = [];
      const names = namesIn(home.agentsFolder).slice(0, MAX_AGENTS).toSorted();
      for (const name of names) {
        const candidate = lookAt(pathsOf(name));
        if (candidate === undefined) continue;
        const before = known.get(name);
        if (before !== undefined && isUnchanged(before, candidate)) next.set(name, before);
        else changed.push(candidate);
      }
      for (let at = 0; at < changed.length; at += READS_AT_ONCE) {
        const batch = changed.slice(at, at + READS_AT_ONCE);
        const learned = await Promise.all(batch.map(learn));
        for (const each of learned) if (each !== undefined) next.set(each.facts.id, each);
      }
      known = next;
      if (paths.size > names.length) for (const id of paths.keys()) if (!next.has(id)) paths.delete(id);
      return names.flatMap((name) => next.get(name)?.facts ?? []);
    },
  };
}

/** `undefined`: it is no agent. */
function lookAt(agent: AgentPaths): Candidate | undefined {
  try {
    const file = readStamp(agent.agentFile);
    return file?.isFile === true ? { agent, file, flags: readStamp(agent.flagsFolder) } : undefined;
  } catch (error) {
    // No reason to stop a worker: it is there, and it may be looked at again later.
    return { agent, file: undefined, flags: undefined, problem: reasonOf(error) };
  }
}

function isUnchanged(before: Known, { file, flags }: Candidate): boolean {
  return before.isSettled && isSameStamp(before.file, file) && isSameStamp(before.flags, flags);
}

/** `undefined`: it has just gone. */
async function readFacts(agent: AgentPaths): Promise<AgentFileFacts | undefined> {
  try {
    const file = await readAgentFile(agent);
    if (file.kind === 'missing') return undefined;
    if (file.kind === 'damaged') return invalid(file.problem);
    const { reading } = file;
    if (reading.kind === 'invalid') return { ...invalid(reading.reason), warnings: reading.warnings };
    return { kind: 'valid', config: reading.config, warnings: reading.warnings };
  } catch (error) {
    return invalid(`agent '${agent.id}': ${reasonOf(error)}`);
  }
}

function invalid(problem: string): AgentFileFacts {
  return { kind: 'invalid', problem, warnings: [] };
}

async function listFlags(agent: AgentPaths): Promise<readonly AgentFlag[]> {
  const dropped = await Promise.all(AGENT_FLAGS.map((flag) => hasFlag(agent, flag)));
  return AGENT_FLAGS.filter((_flag, at) => dropped[at] === true);
}

/** A file that says the same in other words is no change. */
function reuse(before: AgentFacts | undefined, after: AgentFacts): AgentFacts {
  if (before === undefined) return after;
  const file = isDeepStrictEqual(before.file, after.file) ? before.file : after.file;
  return { ...after, file };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
