// The log of one agent, also of one that was archived or deleted. spec: daemon-and-cli D-30
import { DaemonError, type OperationContext } from '@puffo/daemon/home';
import { followAgentLog, readAgentLog } from '@puffo/daemon/logs';
import { showLogLine } from '../show-log-line.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { isThere } from '../is-there.ts';

const DEFAULT_LINES = 50;
const MAX_LINES = 100_000;

export async function run({ context, argument, integer, has, print, note, world }: AgentCall): Promise<ExitCode> {
  const { home } = context;
  const id = argument('id');
  const lines = readCount(integer('lines'));
  const isJson = has('json');

  function show(line: string): void {
    const text = showLogLine(line, { isJson });
    if (text !== undefined) print(text);
  }

  const last = await readAgentLog({ home, id, lines });
  if (last === undefined) await explainAbsence(context, { id, note });
  if (!has('follow')) {
    for (const line of last ?? []) show(line);
    return 0;
  }
  for await (const line of followAgentLog({ home, id, lines, signal: world.stop })) show(line);
  return 0;
}

function readCount(given: number | undefined): number {
  if (given === undefined) return DEFAULT_LINES;
  if (given >= 0 && given <= MAX_LINES) return given;
  throw new DaemonError(`--lines must be between 0 and ${MAX_LINES}`, { code: 'invalid-argument' });
}

interface Absence {
  readonly id: string;
  readonly note: (line: string) => void;
}

async function explainAbsence(context: OperationContext, { id, note }: Absence): Promise<void> {
  const isKnown = /^[\w-]+$/.test(id) && (await isThere(context, id));
  if (!isKnown) throw new DaemonError(`agent '${id}' not found`, { code: 'not-found' });
  note(`agent '${id}' has no log yet: a daemon writes it, see puffo-agent start`);
}
