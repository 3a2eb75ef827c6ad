// Lines of standard input when it is no terminal: one reader per run, because a second one would miss what the first has
// already taken from the pipe.
import { createInterface } from 'node:readline';
import type { InputStream } from '../world.ts';

export interface LineReader {
  /** `undefined`: there are no more. */
  next(): Promise<string | undefined>;
  close(): void;
}

export function createLineReader(stdin: InputStream): LineReader {
  const editor = createInterface({ input: stdin, terminal: false });
  // From the beginning: lines that come before somebody asks would be lost.
  const lines = editor[Symbol.asyncIterator]();
  return {
    async next() {
      const line = await lines.next();
      return line.done === true ? undefined : line.value;
    },
    close: () => editor.close(),
  };
}
