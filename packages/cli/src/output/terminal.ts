// Where a command's words go: results to standard output, everything about them to standard error.
import type { World } from '../world.ts';
import { createPaint, type Paint } from './paint.ts';

export interface Terminal {
  /** One line of a result. */
  print(line: string): void;
  /** One line for the person, beside the result. */
  note(line: string): void;
  readonly paint: Paint;
  /** For `note`. */
  readonly notePaint: Paint;
}

export function createTerminal({ stdout, stderr, env }: World): Terminal {
  return {
    print: (line) => void stdout.write(`${line}\n`),
    note: (line) => void stderr.write(`${line}\n`),
    paint: createPaint({ isTerminal: stdout.isTTY === true, env }),
    notePaint: createPaint({ isTerminal: stderr.isTTY === true, env }),
  };
}
