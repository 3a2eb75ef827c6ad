// The arguments of another process: how one tells a daemon from a process that got its id later. spec: daemon-and-cli 2.2
import { readFile } from 'node:fs/promises';
import { errorCodeOf } from '../files/error-code.ts';

const ASK_TIMEOUT_MS = 5000;
const MAX_OUTPUT_BYTES = 256 * 1024;
const MAX_PID = 2 ** 32;
/** No such process, one of somebody else, or one that ended while it was read. */
const NOT_OURS: ReadonlySet<string | undefined> = new Set(['ENOENT', 'EACCES', 'EPERM', 'ESRCH']);

/** `undefined`: no such process, or one that has ended or that this user may not look at. */
export async function readProcessArguments(pid: number): Promise<readonly string[] | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid > MAX_PID) return undefined;
  if (process.platform === 'linux') return readFromProc(pid);
  return process.platform === 'win32' ? askPowerShell(pid) : askPs(pid);
}

/** A process that has ended and waits for its parent has none. */
async function readFromProc(pid: number): Promise<readonly string[] | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return text === '' ? undefined : text.replace(/\0+$/, '').split('\0');
  } catch (error) {
    if (NOT_OURS.has(errorCodeOf(error))) return undefined;
    throw error;
  }
}

async function askPs(pid: number): Promise<readonly string[] | undefined> {
  const { stdout } = await ask('ps', ['-ww', '-o', 'state=,args=', '-p', String(pid)]);
  return parsePs(stdout);
}

/** One line, of the state and the arguments. Blanks inside of an argument are lost, so paths with blanks fall apart. */
export function parsePs(output: string): readonly string[] | undefined {
  const [state, ...words] = output.trim().split(/\s+/);
  return state === undefined || state === '' || state.startsWith('Z') || words.length === 0 ? undefined : words;
}

async function askPowerShell(pid: number): Promise<readonly string[] | undefined> {
  const query = `(Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}').CommandLine`;
  const { stdout } = await ask('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', query]);
  return parseWindowsLine(stdout);
}

/** Words in double quotation marks are one; that is as much of the rules as paths need. */
export function parseWindowsLine(line: string): readonly string[] | undefined {
  const words = line.trim().match(/(?:"[^"]*"|[^\s"])+/g);
  return words?.map((word) => word.replaceAll('"', ''));
}

async function ask(program: string, args: readonly string[]): Promise<{ readonly stdout: string }> {
  // Loaded by who needs it: most commands only read a file here.
  const { runProgram } = await import('./run-program.ts');
  return runProgram(program, args, {
    output: { kind: 'collect', maxBytes: MAX_OUTPUT_BYTES },
    timeoutMs: ASK_TIMEOUT_MS,
  });
}
