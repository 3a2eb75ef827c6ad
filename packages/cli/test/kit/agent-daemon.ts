// `puffo-agent start` as a process of its own, in the throw-away home of a test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import { waitFor } from '@puffo/testbed';
import { type AgentHome, PROGRAM } from './agent-home.ts';

/** On a busy machine several programs start at once. */
export const PATIENCE = { timeoutMs: 40_000 };
/** The shortest interval, and no port that a daemon of this machine may have. */
const SETTINGS = 'reconcile_interval_seconds: 0.5\nruntime_heartbeat_seconds: 1\ndata_service: { port: 0 }\n';
const LIMITS = { maxLength: 100_000, maxDepth: 10, integers: 'any' } as const;

export interface DaemonProgram extends AsyncDisposable {
  readonly pid: number;
  /** Its exit code; `null` when it was killed. */
  readonly ending: Promise<number | null>;
  readonly log: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** Does not wait for anything. */
export function launchDaemon(home: AgentHome, ...options: readonly string[]): DaemonProgram {
  const child = spawn(process.execPath, [PROGRAM, 'start', ...options], {
    cwd: home.folder,
    env: { ...home.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ending = once(child, 'close').then(() => child.exitCode);
  return {
    pid: child.pid ?? 0,
    ending,
    log: () => log,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ending;
    },
  };
}

/** Resolves when its services are up. */
export async function startDaemon(home: AgentHome, ...options: readonly string[]): Promise<DaemonProgram> {
  const daemon = launchDaemon(home, ...options);
  let isOver = false;
  void daemon.ending.then(() => (isOver = true));
  await waitFor(
    async () => {
      if (isOver) throw new Error(`the daemon has ended: ${daemon.log()}`);
      return (await readJson(home.in('daemon.ready')))?.['pid'] === daemon.pid;
    },
    'the daemon',
    PATIENCE,
  );
  return daemon;
}

export async function writeSettings(home: AgentHome, more = ''): Promise<void> {
  await mkdir(home.home, { recursive: true });
  await writeFile(home.in('daemon.yml'), `${SETTINGS}${more}`);
}

export interface AgentSettings {
  readonly state?: string;
  readonly displayName?: string;
  readonly model?: string;
  readonly apiKey?: string;
  readonly baseUrl?: string;
  readonly core?: Readonly<Record<string, string>>;
  readonly triggers?: string;
}

export async function writeAgent(home: AgentHome, id: string, settings: AgentSettings = {}): Promise<void> {
  const { state = 'running', displayName = id, model = 'm', apiKey = 'k', baseUrl = '', core = {} } = settings;
  const coreLines = Object.entries(core).map(([name, value]) => `  ${name}: ${value}\n`);
  const path = home.in('agents', id, 'agent.yml');
  await mkdir(dirname(path), { recursive: true });
  const text = `id: ${id}
state: ${state}
display_name: ${displayName}
puffo_core:
${coreLines.join('')}runtime:
  kind: chat-local
  provider: anthropic
  model: ${model}
  api_key: '${apiKey}'
  base_url: '${baseUrl}'
triggers: ${settings.triggers ?? '{}'}
`;
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

export async function readRuntime(home: AgentHome, id: string): Promise<JsonObject | undefined> {
  return readJson(home.in('agents', id, 'runtime.json'));
}

export async function waitForRuntime(
  home: AgentHome,
  id: string,
  isWanted: (record: JsonObject) => boolean,
): Promise<JsonObject> {
  let last: JsonObject | undefined;
  try {
    return await waitFor(
      async () => {
        last = await readRuntime(home, id);
        return last !== undefined && isWanted(last) && last;
      },
      `the record of ${id}`,
      PATIENCE,
    );
  } catch (cause) {
    throw new Error(`the last record of ${id} was ${JSON.stringify(last)}`, { cause });
  }
}

async function readJson(path: string): Promise<JsonObject | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const result = safeParseJson(text, LIMITS);
  return result.kind === 'value' && isJsonObject(result.value) ? result.value : undefined;
}
