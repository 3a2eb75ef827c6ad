import type { Clock, Random } from '@puffo/base';
import type { Place } from '../config/default-data-dir.ts';

/** What a command sees of the process it runs in. Made in bin/, and by tests. */
export interface World extends Place {
  /** One line for whoever called, or for the program that reads it. */
  readonly print: (line: string) => void;
  /** One line about what happens: logs and problems. */
  readonly printProblem: (line: string) => void;
  /** Whether a person reads the problems. */
  readonly isTerminal: boolean;
  readonly now: Clock;
  readonly random: Random;
  /** Resolves when the process is asked to stop. */
  readonly waitForStop: () => Promise<void>;
  /** Resolves when standard input has ended, which is read from then on. */
  readonly waitForInputEnd: () => Promise<void>;
}
