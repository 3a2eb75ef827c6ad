// How much is logged: the option, otherwise the variable, otherwise `info`. spec: daemon-and-cli D-30
import type { LoggerOptions } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';

export type LogLevel = LoggerOptions['level'];

/** Of the environment. */
const LEVEL_VARIABLE = 'PUFFO_AGENT_LOG_LEVEL';
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];
const DEFAULT_LEVEL: LogLevel = 'info';

export interface LevelSources {
  readonly option: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function chooseLogLevel({ option, environment }: LevelSources): LogLevel {
  const variable = environment[LEVEL_VARIABLE] ?? '';
  const chosen = (option ?? variable).trim().toLowerCase();
  if (chosen === '') return DEFAULT_LEVEL;
  const level = LEVELS.find((each) => each === chosen);
  if (level !== undefined) return level;
  const source = option === undefined ? LEVEL_VARIABLE : '--log-level';
  throw new DaemonError(`Cannot use ${source} '${chosen}': choose one of ${LEVELS.join(', ')}`, {
    code: 'invalid-argument',
  });
}
