// A daemon for this home: the one that runs, or one of our own that ends with us.
import { sleep } from '@puffo/base';
import type { OperationContext } from '@puffo/daemon/home';
import { embeddedServerUrl, findReadyPid } from '@puffo/daemon/operations';
import { showStatus } from '@puffo/daemon/status';
import { startProgram } from '@puffo/host';
import { CliError } from '../cli-error.ts';
import { cleanName } from '../output/clean-text.ts';
import type { Terminal } from '../output/terminal.ts';
import { puffoAgentProgram } from '../programs.ts';
import type { QuickstartRun } from './quickstart-run.ts';

export interface DaemonInUse extends AsyncDisposable {
  /** Whether it ends with us. */
  readonly isOurs: boolean;
  readonly pid: number;
  /** By itself. */
  readonly hasEnded: () => Promise<boolean>;
  /** Whether one of ours has tried in vain to start its server, and not only once: an earlier one may need a moment to end. */
  readonly lacksServer: () => boolean;
  /** What it printed last, for who has to find out what is wrong. */
  readonly lastLines: () => readonly string[];
}

const READY_TIMEOUT_MS = 60_000;
const SETTLE_TIMEOUT_MS = 30_000;
const POLL_MS = 150;
const HEALTH_TIMEOUT_MS = 2000;
const STOP_GRACE_MS = 20_000;
/** As the daemon logs it. */
const SERVER_ENDED = 'embedded-server-ended';
const MAX_ATTEMPTS = 4;
const MAX_FAILED_STARTS = 5;
const KEPT_LINES = 12;
const MAX_LINE_CHARACTERS = 400;

/** Resolves when the server of the home answers. */
export async function ensureDaemon({ context, call }: QuickstartRun, port: number): Promise<DaemonInUse> {
  const url = embeddedServerUrl(port);
  for (let attempt = 1; ; attempt++) {
    const pid = await findSettledDaemon(context);
    const inUse = pid === undefined ? await startDaemon(context) : useDaemon(context, pid);
    try {
      if (await waitForServer(context, { inUse, url })) return inUse;
      // One that an earlier run had left took the home just before it ended.
      if (attempt === MAX_ATTEMPTS) {
        throw new CliError('failed', 'Cannot go on: the daemon has ended while it started; see puffo-agent doctor');
      }
    } catch (error) {
      noteLastLines(inUse, call.terminal);
      await inUse[Symbol.asyncDispose]();
      throw error;
    }
    await inUse[Symbol.asyncDispose]();
  }
}

/** One that starts or ends is waited for: an earlier run that was killed may have left one on its way out. */
async function findSettledDaemon(context: OperationContext): Promise<number | undefined> {
  const deadline = context.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const pid = await findDaemonPid(context);
    if (pid === undefined) return undefined;
    const isReady = (await findReadyPid(context.home)) === pid;
    if (isReady || context.now() > deadline) return pid;
    await sleep(POLL_MS, context.signal);
  }
}

async function findDaemonPid(context: OperationContext): Promise<number | undefined> {
  const { daemon } = await showStatus({ ...context, warn: () => undefined });
  return daemon.kind === 'alive' ? daemon.pid : undefined;
}

/** Above the sentence of a failure: whoever reads it may see the cause. */
export function noteLastLines({ lastLines }: Pick<DaemonInUse, 'lastLines'>, { note, notePaint }: Terminal): void {
  const lines = lastLines();
  if (lines.length === 0) return;
  note('The daemon said last:');
  for (const line of lines) note(notePaint.dim(`  ${cleanName(line, MAX_LINE_CHARACTERS)}`));
}

function useDaemon(context: OperationContext, pid: number): DaemonInUse {
  return {
    isOurs: false,
    pid,
    hasEnded: async () => (await findDaemonPid(context)) !== pid,
    lacksServer: () => false,
    lastLines: () => [],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function startDaemon({ environment, home }: OperationContext): Promise<DaemonInUse> {
  const [program, ...before] = puffoAgentProgram();
  const lines: string[] = [];
  let isOver = false;
  let failedStarts = 0;
  const running = await startProgram(program, [...before, 'start', '--stop-with-input'], {
    // A relative path would mean another folder to somebody who looks later.
    environment: { ...environment, PUFFO_AGENT_HOME: home.folder },
    onLine(line) {
      if (line.includes(SERVER_ENDED)) failedStarts++;
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
    },
  });
  void running.ended.then(() => {
    isOver = true;
  });
  return {
    isOurs: true,
    pid: running.pid,
    hasEnded: () => Promise.resolve(isOver),
    lacksServer: () => failedStarts >= MAX_FAILED_STARTS,
    lastLines: () => lines,
    async [Symbol.asyncDispose]() {
      await running.stop({ graceMs: STOP_GRACE_MS });
    },
  };
}

interface ServerToWaitFor {
  readonly inUse: DaemonInUse;
  readonly url: string;
}

/** `false`: the daemon has ended meanwhile. */
async function waitForServer({ now, signal }: OperationContext, { inUse, url }: ServerToWaitFor): Promise<boolean> {
  const deadline = now() + READY_TIMEOUT_MS;
  while (!(await isHealthy(url))) {
    if (await inUse.hasEnded()) return false;
    if (now() > deadline || inUse.lacksServer()) {
      const advice = inUse.isOurs
        ? 'another program may use its port, see puffo-agent doctor'
        : `the daemon that runs (pid=${inUse.pid}) does not keep it; stop it with puffo-agent stop and run this again`;
      throw new CliError('failed', `Cannot go on: the server at ${url} does not answer; ${advice}`);
    }
    await sleep(POLL_MS, signal);
  }
  return !(await inUse.hasEnded());
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS), redirect: 'error' });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    // It does not listen yet.
    return false;
  }
}
