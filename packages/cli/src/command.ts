// What a command is: one row from which the parser, help and completion are made.
import type { JsonValue } from '@puffo/base';
import type { Prompts } from './input/prompts.ts';
import type { Terminal } from './output/terminal.ts';
import type { World } from './world.ts';

export interface CommandDefinition {
  /** `space create` */
  readonly name: string;
  readonly summary: string;
  readonly arguments?: readonly ArgumentDefinition[];
  readonly options?: readonly OptionDefinition[];
  /** What is typed after `puffo-cli`. */
  readonly examples: readonly string[];
  /** Further sentences of the help. */
  readonly notes?: readonly string[];
  /** Ends by itself when the process is asked to stop. */
  readonly isLive?: boolean;
  /** `undefined`: it has printed everything itself. */
  readonly run: (call: Call) => Promise<Outcome | undefined>;
}

export interface ArgumentDefinition {
  readonly name: string;
  readonly help: string;
  readonly isOptional?: boolean;
}

export interface OptionDefinition {
  /** Without its dashes. */
  readonly flag: string;
  /** What the value is called in help; absent: the option has none. */
  readonly value?: string;
  readonly help: string;
  readonly isRequired?: boolean;
  readonly isRepeatable?: boolean;
}

/** What a command found or did, for programs and for people. */
export interface Outcome {
  readonly json: JsonValue;
  readonly lines: readonly string[];
}

export interface Call {
  readonly world: World;
  readonly terminal: Terminal;
  readonly prompts: Prompts;
  readonly globals: Globals;
  readonly argument: (name: string) => string;
  readonly findArgument: (name: string) => string | undefined;
  readonly option: (flag: string) => string | undefined;
  /** Of a repeatable option. */
  readonly options: (flag: string) => readonly string[];
  readonly hasFlag: (flag: string) => boolean;
}

/** Options that every command takes. */
export interface Globals {
  readonly server: string | undefined;
  readonly slug: string | undefined;
  readonly isJson: boolean;
}
