// What a command of `puffo-agent` is: a row for the parser and the help, and a module that is loaded when it runs.
import type { OperationContext } from '@puffo/daemon/home';
import type { AgentWorld } from './agent-world.ts';

export interface AgentCommand {
  /** `agent create` */
  readonly name: string;
  readonly summary: string;
  readonly arguments?: readonly { readonly name: string; readonly help: string }[];
  readonly options?: readonly AgentOption[];
  /** Runs when only its group is named. */
  readonly isDefault?: boolean;
  readonly load: () => Promise<{ readonly run: RunAgentCommand }>;
}

export interface AgentOption {
  /** Without its dashes. */
  readonly flag: string;
  /** A letter that means the same, as in `-f`. */
  readonly short?: string;
  readonly kind: 'text' | 'integer' | 'switch';
  readonly choices?: readonly string[];
  readonly isRequired?: boolean;
  readonly help: string;
}

export type OptionValue = string | number | true;
export type RunAgentCommand = (call: AgentCall) => Promise<ExitCode>;
/** spec: daemon-and-cli 4.1 */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

export interface AgentCall {
  readonly context: OperationContext;
  readonly world: AgentWorld;
  argument(name: string): string;
  text(flag: string): string | undefined;
  integer(flag: string): number | undefined;
  has(flag: string): boolean;
  /** One line of the result. */
  print(line: string): void;
  /** One line beside the result. */
  note(line: string): void;
}
