// A command goes to the daemon that runs, and says what really happened; without one that can be asked it works on files.
import {
  callDaemon,
  type ControlInputs,
  type ControlResults,
  type LiveAgent,
  type OperationName,
} from '@puffo/daemon/control';
import { DaemonError } from '@puffo/daemon/home';
import { cleanName } from '../output/clean-text.ts';
import type { AgentCall } from './agent-command.ts';
import { formatLocalTime } from './format-local-time.ts';

const MAX_CHARACTERS = 500;

export interface Question<Name extends OperationName> {
  readonly operation: Name;
  readonly input: ControlInputs[Name];
  /** For when the answer is lost: what the files say it came to; `undefined`: it was not done. */
  readonly lookUp: () => Promise<ControlResults[Name] | undefined>;
}

export interface DaemonResult<Name extends OperationName> {
  readonly result: ControlResults[Name];
  readonly agent: LiveAgent | undefined;
}

/** `undefined`: there is no daemon that can be asked. Asked once at most, so that nothing is done twice. */
export async function askDaemon<Name extends OperationName>(
  { context, note }: AgentCall,
  { operation, input, lookUp }: Question<Name>,
): Promise<DaemonResult<Name> | undefined> {
  const reply = await callDaemon(context.home, { operation, input, signal: context.signal });
  if (reply.kind === 'unreachable') return undefined;
  if (reply.kind === 'done') {
    for (const warning of reply.warnings) context.warn(warning);
    return reply;
  }
  const result = await lookUp();
  if (result === undefined) {
    const message = 'the daemon gave no answer, and its files do not show that this was done; see puffo-agent status';
    throw new DaemonError(message, { code: 'failed', retryable: true });
  }
  note('warning: the daemon did not answer; the files say that it is done. See puffo-agent status');
  return { result, agent: undefined };
}

/**
 * What became of it, once it had come to rest: good news is a result, trouble of the agent stands beside it. `wish` absent: it
 * goes on as it was.
 */
export function reportAgent(call: AgentCall, agent: LiveAgent | undefined, wish?: 'work' | 'rest'): void {
  if (agent === undefined) return;
  const { print, context } = call;
  const name = `agent '${agent.id}'`;
  const { facts } = agent;
  if (facts !== undefined && wish === 'rest') print(`${name} still ends what it is doing; see puffo-agent status`);
  else if (facts !== undefined) reportWorker(call, { name, facts });
  else if (wish === 'work') context.warn(`${name} was not started; see puffo-agent status`);
  else print(`${name} is stopped`);
}

interface Worker {
  readonly name: string;
  readonly facts: NonNullable<LiveAgent['facts']>;
}

function reportWorker({ print, context }: AgentCall, { name, facts }: Worker): void {
  const { status, phase, error, nextRetryAt } = facts;
  const because = error === '' ? '' : `: ${cleanName(error, MAX_CHARACTERS)}`;
  const again = nextRetryAt === undefined ? '' : `; it is tried again at ${formatLocalTime(nextRetryAt * 1000)}`;
  if (status === 'error') context.warn(`${name} cannot work${because}${again}`);
  else if (phase === 'online') print(`${name} is running: online`);
  else if (phase === 'offline' || phase === 'backoff') {
    context.warn(`${name} is running, but has no connection${because}${again}`);
  } else print(`${name} is running: still ${phase}; see puffo-agent status`);
}
