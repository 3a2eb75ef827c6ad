// `puffo-agent start`: takes the home, keeps its agents alive until somebody asks it to end, and gives the home back.
// spec: daemon-and-cli 2.1, 2.10, 4.3, D-10, D-11
import { makePrivateFolder } from '@puffo/host';
import { DaemonError } from '../daemon-error.ts';
import { type DaemonFile, readDaemonFile } from '../home/daemon-file.ts';
import { repairModes } from '../home/repair-modes.ts';
import { createDaemonLogs } from '../logs/create-daemon-logs.ts';
import { chooseLogLevel } from '../logs/log-level.ts';
import { claimPid, findDaemon, releasePid } from '../pid/daemon-process.ts';
import type { DaemonOptions } from './daemon-options.ts';
import { runServices } from './run-services.ts';
import { clearFormerRequest, clearOwnRequest, type DaemonRun } from './wait-for-stop.ts';

const DONE = 0;
const REFUSED = 1;

/** Resolves with the exit code when the daemon has ended. Fails for what is wrong with its options. */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  const { context, overrides = {} } = options;
  const { home, now, readArguments } = context;
  const level = chooseLogLevel({ option: options.logLevel, environment: context.environment });
  const run: DaemonRun = { home, pid: overrides.pid ?? process.pid, startedAt: now() };
  const found = await findDaemon(home, readArguments);
  if (found.kind === 'alive' && found.pid !== run.pid) return refuse(options, found.pid);
  await makePrivateFolder(home.folder);
  await makePrivateFolder(home.agentsFolder);
  repairModes(home);
  const file = await readSettings(options);
  if (file === undefined) return REFUSED;
  const claim = await claimPid(home, { pid: run.pid, readArguments });
  if (claim.kind === 'taken') return refuse(options, claim.pid);
  try {
    await clearFormerRequest(run);
    await using logs = createDaemonLogs({ home, clock: now, level, stderr: options.stderr });
    await runServices({ options, run, file, logs });
    logs.logger.info('daemon-stopped', { pid: run.pid });
  } finally {
    await releasePid(home, run.pid);
    await clearOwnRequest(run);
  }
  return DONE;
}

function refuse({ stderr }: DaemonOptions, pid: number): number {
  stderr.write(`Cannot start: a daemon (pid ${pid}) has this home; stop it first with: puffo-agent stop\n`);
  return REFUSED;
}

/** `undefined`: the file cannot be used, which the person was told. */
async function readSettings({ context, stderr }: DaemonOptions): Promise<DaemonFile | undefined> {
  try {
    return await readDaemonFile(context.home);
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    stderr.write(`${error.message}\n`);
    return undefined;
  }
}
