// The processes of the programs below a folder, with all that they started, as the system shows them: only Linux does.
import { readdir, readFile } from 'node:fs/promises';

export interface ProgramProcess {
  readonly pid: number;
  /** Its share of what it has in memory. */
  readonly kib: number;
}

/** `home`: the homes of the programs are below it. Those that the daemon's own starter began carry its mark. */
export async function listProgramProcesses(home: string): Promise<readonly ProgramProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => readProcess(pid, home)));
  return found.filter((each) => each !== undefined);
}

async function readProcess(pid: number, home: string): Promise<ProgramProcess | undefined> {
  const environment = `\0${await readOwn(`/proc/${pid}/environ`)}`;
  if (!environment.includes('\0PUFFO_PROGRAM=') || !environment.includes(`\0HOME=${home}/`)) return undefined;
  const [, kib = '0'] = /^Pss:\s+(\d+) kB/m.exec(await readOwn(`/proc/${pid}/smaps_rollup`)) ?? [];
  return { pid, kib: Number(kib) };
}

/** Empty: it has ended, or it is somebody else's. */
async function readOwn(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
}
