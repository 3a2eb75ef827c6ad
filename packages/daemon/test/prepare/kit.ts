// An agent in a throw-away home, with a throw-away home of its operator.
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type AgentConfig, readAgentConfig } from '@puffo/agent/config';
import type { LogFields, Logger } from '@puffo/base';
import type { AgentPaths, Home } from '../../src/home/home.ts';
import { prepareAgent, type PreparedAgent } from '../../src/prepare/prepare-agent.ts';
import { makeTemporaryHome } from '../kit/temporary-home.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
}

export interface Place extends AsyncDisposable {
  /** Above everything. */
  readonly folder: string;
  readonly home: Home;
  readonly agent: AgentPaths;
  readonly lines: readonly LogLine[];
  readonly logger: Logger;
  prepare(changes?: ConfigChanges): Promise<PreparedAgent>;
  warnings(): readonly string[];
  /** Paths start at the folder above everything: `agent/…`, `home/…`, `user/…`, `elsewhere/…`. */
  put(path: string, content: string | Uint8Array): Promise<void>;
  link(path: string, target: string): Promise<void>;
  remove(path: string): Promise<void>;
  text(path: string): Promise<string>;
  mode(path: string): Promise<string>;
  exists(path: string): Promise<boolean>;
  /** Names in a folder. */
  names(path: string): Promise<readonly string[]>;
  /** Every file below, sorted. */
  files(path: string): Promise<readonly string[]>;
  resolve(path: string): string;
}

export interface ConfigChanges extends Partial<Omit<AgentConfig, 'runtime'>> {
  readonly runtime?: Partial<AgentConfig['runtime']>;
}

export async function createPlace(): Promise<Place> {
  const temporary = await makeTemporaryHome();
  const { folder, home } = temporary;
  const agent = home.agent('x');
  const lines: LogLine[] = [];
  const logger = collectLines(lines);
  const homeFolder = join(folder, 'user');
  const resolve = (path: string) => join(folder, path.replace(/^agent\//, `${relative(folder, agent.folder)}/`));
  await mkdir(agent.folder, { recursive: true, mode: 0o700 });
  await mkdir(homeFolder);
  return {
    folder,
    home,
    agent,
    lines,
    logger,
    resolve,
    prepare: (changes = {}) => prepareAgent({ home, agent, config: makeConfig(changes), homeFolder, logger }),
    warnings: () => lines.filter(({ level }) => level === 'warn').map(({ event }) => event),
    async put(path, content) {
      await mkdir(dirname(resolve(path)), { recursive: true });
      await writeFile(resolve(path), content);
    },
    async link(path, target) {
      await mkdir(dirname(resolve(path)), { recursive: true });
      await symlink(resolve(target), resolve(path));
    },
    remove: (path) => rm(resolve(path), { recursive: true }),
    text: (path) => readFile(resolve(path), 'utf8'),
    mode: async (path) => ((await stat(resolve(path))).mode & 0o777).toString(8),
    exists: (path) =>
      stat(resolve(path)).then(
        () => true,
        () => false,
      ),
    names: async (path) => (await readdir(resolve(path))).toSorted(),
    async files(path) {
      const entries = await readdir(resolve(path), { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(resolve(path), join(entry.parentPath, entry.name)))
        .toSorted();
    },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}

function makeConfig({ runtime, ...changes }: ConfigChanges): AgentConfig {
  const reading = readAgentConfig(undefined, { id: 'x' });
  if (reading.kind === 'invalid') throw new Error(reading.reason);
  const { config } = reading;
  return { ...config, ...changes, runtime: { ...config.runtime, ...runtime } };
}

function collectLines(lines: LogLine[]): Logger {
  const at =
    (level: LogLine['level']) =>
    (event: string, fields: LogFields = {}) => {
      lines.push({ level, event, fields });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
