import type { Settings } from '../config/settings.ts';
import type { World } from './world.ts';

/** What a command is told on its line, besides the settings. */
export interface CommandOption {
  /** Without its dashes. */
  readonly flag: string;
  /** What the value is called in help. Absent: a switch. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  /** `invite create` */
  readonly name: string;
  readonly summary: string;
  /** The one thing that it needs on its line, such as `FILE`. */
  readonly argument?: string;
  readonly options?: readonly CommandOption[];
  /** Which settings it takes as flags: `server` takes all. */
  readonly scope: 'data' | 'server';
  readonly run: (call: CommandCall) => Promise<ExitCode>;
}

export interface CommandCall {
  readonly world: World;
  /** Read when asked for: `check` reports what is wrong with them, the others fail. */
  readonly readSettings: () => Settings;
  /** The argument; empty when the command has none. */
  readonly argument: string;
  readonly options: Readonly<Record<string, string>>;
}

/** 0: done. 1: everything else, with one sentence that says what to do. */
export type ExitCode = 0 | 1;
