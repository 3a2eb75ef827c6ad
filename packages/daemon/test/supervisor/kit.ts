// A supervisor over real files, with workers that only write down what is done to them.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from '@puffo/agent/config';
import {
  createDeferred,
  type Deferred,
  isJsonObject,
  type JsonObject,
  type LogFields,
  type Logger,
  safeParseJson,
  seededRandom,
  systemClock,
} from '@puffo/base';
import { waitFor } from '@puffo/testbed';
import { readDaemonFile } from '../../src/home/daemon-file.ts';
import { createSupervisor } from '../../src/supervisor/create-supervisor.ts';
import type { Supervisor } from '../../src/supervisor/supervisor.ts';
import { watchDaemonFile } from '../../src/supervisor/watch-daemon-file.ts';
import { createRuntimeKeeper } from '../../src/worker/create-runtime-keeper.ts';
import type { WorkerHost } from '../../src/worker/worker-host.ts';
import type { StartWorker, Worker, WorkerFailure, WorkerOptions } from '../../src/worker/worker.ts';
import { makeTemporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';

export interface ScriptedWorker extends Worker {
  readonly options: WorkerOptions;
  readonly configs: readonly AgentConfig[];
  /** What was done to it, in order. */
  readonly deeds: readonly string[];
  fail(failure: WorkerFailure): void;
}

export interface Script {
  /** Of this worker, as soon as it was started. */
  readonly onStart?: (worker: ScriptedWorker) => void;
  /** What stopping waits for. */
  readonly stopping?: Promise<void>;
}

export interface Troupe {
  readonly startWorker: StartWorker;
  /** Every one that was ever started. */
  readonly workers: readonly ScriptedWorker[];
  /** Those that were not stopped, by agent. */
  alive(): readonly string[];
  of(id: string): readonly ScriptedWorker[];
}

export function createTroupe(scriptOf: (id: string) => Script = () => ({})): Troupe {
  const workers: ScriptedWorker[] = [];
  return {
    workers,
    startWorker(options) {
      const script = scriptOf(options.agent.id);
      const worker = createScriptedWorker(options, script);
      workers.push(worker);
      script.onStart?.(worker);
      return worker;
    },
    alive: () => workers.filter(({ deeds }) => deeds.length === 0 || !isOver(deeds)).map(({ agentId }) => agentId),
    of: (id) => workers.filter(({ agentId }) => agentId === id),
  };
}

function isOver(deeds: readonly string[]): boolean {
  return deeds.some((deed) => deed.startsWith('stop') || deed === 'fail');
}

function createScriptedWorker(options: WorkerOptions, { stopping }: Script): ScriptedWorker {
  const deeds: string[] = [];
  const configs = [options.config];
  const ended: Deferred<void> = createDeferred();
  let failure: WorkerFailure | undefined;
  return {
    agentId: options.agent.id,
    options,
    configs,
    deeds,
    get failure() {
      return failure;
    },
    warm: Promise.resolve(),
    ended: ended.promise,
    applyConfig(config) {
      deeds.push('apply');
      configs.push(config);
    },
    retryDeferred: () => void deeds.push('retry'),
    changeApproval: () => Promise.resolve(undefined),
    async stop({ graceMs }) {
      deeds.push(`stop ${graceMs}`);
      await stopping;
      ended.resolve();
    },
    fail(why) {
      deeds.push('fail');
      failure = why;
      ended.resolve();
    },
    async [Symbol.asyncDispose]() {
      deeds.push('close');
      await Promise.resolve();
    },
  };
}

export interface LoggedLine {
  readonly level: keyof Logger;
  readonly event: string;
  readonly fields: LogFields;
}

export interface Stage extends AsyncDisposable {
  readonly temporary: TemporaryHome;
  readonly supervisor: Supervisor;
  readonly lines: readonly LoggedLine[];
  readonly forgotten: readonly string[];
  /** ms that the clock of retries goes ahead. */
  skip(ms: number): void;
}

export interface StageOptions {
  readonly temporary: TemporaryHome;
  readonly startWorker: StartWorker;
  /** Its clock goes on only when it is told to. */
  readonly isFrozen?: boolean;
}

/** Ticks twice a second, as fast as it may. */
export async function openStage({ temporary, startWorker, isFrozen = false }: StageOptions): Promise<Stage> {
  const { home } = temporary;
  const lines: LoggedLine[] = [];
  const forgotten: string[] = [];
  let skippedMs = 0;
  const logger = recordLines(lines);
  const openedAt = systemClock();
  const clock = () => (isFrozen ? openedAt : systemClock()) + skippedMs;
  const initial = await readDaemonFile(home);
  const daemonFile = watchDaemonFile({ home, initial, clock, logger });
  const host: WorkerHost = {
    home,
    environment: {},
    homeFolder: join(temporary.folder, 'user'),
    platform: 'linux',
    clock,
    random: seededRandom(1),
    network: unusable('network'),
    wrapPool: unusable('wrapPool'),
    daemonConfig: () => daemonFile.config,
    openEngine: () => Promise.reject(new Error('no engine here')),
    loggerOf: (id) => recordLines(lines, id),
  };
  const dataService = {
    forget(id: string) {
      forgotten.push(id);
      return Promise.resolve();
    },
  };
  const createKeeper = createRuntimeKeeper;
  const supervisor = createSupervisor({ host, startWorker, createKeeper, daemonFile, dataService, logger });
  return {
    temporary,
    supervisor,
    lines,
    forgotten,
    skip(ms) {
      skippedMs += ms;
    },
    [Symbol.asyncDispose]: () => supervisor[Symbol.asyncDispose](),
  };
}

/** A part of the host that no scripted worker needs. */
function unusable<Part extends object>(name: string): Part {
  return new Proxy({} as Part, {
    get() {
      throw new Error(`no ${name} here`);
    },
  });
}

function recordLines(lines: LoggedLine[], agent?: string): Logger {
  const at =
    (level: keyof Logger) =>
    (event: string, fields: LogFields = {}) =>
      void lines.push({ level, event, fields: { ...(agent === undefined ? {} : { agent }), ...fields } });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export interface AgentText {
  readonly state?: string;
  readonly model?: string;
  readonly displayName?: string;
  readonly slug?: string;
}

export async function writeAgent(
  { home }: TemporaryHome,
  id: string,
  { state = 'running', model = 'm', displayName = id, slug = 's' }: AgentText = {},
): Promise<void> {
  await mkdir(home.agent(id).folder, { recursive: true });
  const text = `id: ${id}
state: ${state}
display_name: ${displayName}
puffo_core: { server_url: 'http://127.0.0.1:1', slug: ${slug}, device_id: d, space_id: sp }
runtime: { kind: chat-local, provider: anthropic, model: ${model} }
`;
  // As every writer does: nobody sees half a file.
  await writeFile(`${home.agent(id).agentFile}.tmp`, text);
  await rename(`${home.agent(id).agentFile}.tmp`, home.agent(id).agentFile);
}

/** `daemon.yml` with the shortest interval. */
export async function writeDaemonFile({ home }: TemporaryHome, text = ''): Promise<void> {
  await mkdir(home.folder, { recursive: true });
  await writeFile(home.daemonFile, `reconcile_interval_seconds: 0.5\n${text}`);
}

export async function readRecord({ home }: TemporaryHome, id: string): Promise<JsonObject | undefined> {
  const text = await readFile(home.agent(id).runtimeFile, 'utf8').catch(() => '');
  const result = safeParseJson(text, { maxLength: 10_000, maxDepth: 4, integers: 'any' });
  return result.kind === 'value' && isJsonObject(result.value) ? result.value : undefined;
}

export async function waitForRecord(
  temporary: TemporaryHome,
  id: string,
  isWanted: (record: JsonObject) => boolean,
): Promise<JsonObject> {
  return waitFor(async () => {
    const record = await readRecord(temporary, id);
    return record !== undefined && isWanted(record) && record;
  }, `the record of ${id}`);
}

/** A home with these agents, all to run. */
export async function makeHomeOf(...ids: readonly string[]): Promise<TemporaryHome> {
  const temporary = await makeTemporaryHome();
  await writeDaemonFile(temporary);
  await mkdir(temporary.home.agentsFolder, { recursive: true });
  for (const id of ids) await writeAgent(temporary, id);
  return temporary;
}
