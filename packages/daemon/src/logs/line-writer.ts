// Lines on their way to files: bounded in memory, one file at a time on the disk.
import { appendLines } from './append-lines.ts';

const FLUSH_MS = 100;
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const MAX_FILE_BYTES = 5 * 1024 * 1024;

export interface LineWriter extends AsyncDisposable {
  readonly droppedLines: number;
  /** Returns at once. What does not fit any more is dropped and counted. */
  add(path: string, line: string): void;
  flush(): Promise<void>;
}

export interface WriterLimits {
  /** Of all lines together. */
  readonly maxWaitingBytes: number;
  readonly maxFileBytes: number;
}

export interface LineWriterOptions extends Partial<WriterLimits> {
  /** Once, until everything can be written again. */
  readonly onFailure: (path: string, reason: string) => void;
  /** With the number of lines that were lost meanwhile. */
  readonly onRecovery: (lost: number) => void;
}

interface Batch {
  readonly lines: string[];
  bytes: number;
}

export function createLineWriter({
  maxWaitingBytes = MAX_WAITING_BYTES,
  maxFileBytes = MAX_FILE_BYTES,
  onFailure,
  onRecovery,
}: LineWriterOptions): LineWriter {
  const waiting = new Map<string, Batch>();
  let waitingBytes = 0;
  let droppedLines = 0;
  let reportedLines = 0;
  const failing = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let isClosed = false;

  function add(path: string, line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    if (isClosed || waitingBytes + bytes > maxWaitingBytes) {
      droppedLines++;
      return;
    }
    const batch = waiting.get(path) ?? { lines: [], bytes: 0 };
    batch.lines.push(line);
    batch.bytes += bytes;
    waitingBytes += bytes;
    waiting.set(path, batch);
    timer ??= setTimeout(() => void flush(), FLUSH_MS);
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    // What came after the run that is under way had begun is in the next one.
    await writing;
    writing ??= writeWaiting().finally(() => {
      writing = undefined;
    });
    await writing;
  }

  async function writeWaiting(): Promise<void> {
    for (let next = takeNext(); next !== undefined; next = takeNext()) {
      const [path, { lines, bytes }] = next;
      try {
        await appendLines(path, `${lines.join('\n')}\n`, { maxBytes: maxFileBytes });
        failing.delete(path);
      } catch (error) {
        droppedLines += lines.length;
        if (failing.size === 0) onFailure(path, reasonOf(error));
        failing.add(path);
      } finally {
        waitingBytes -= bytes;
      }
    }
    if (failing.size > 0 || droppedLines === reportedLines) return;
    const lost = droppedLines - reportedLines;
    reportedLines = droppedLines;
    onRecovery(lost);
  }

  function takeNext(): readonly [string, Batch] | undefined {
    const [next] = waiting;
    if (next !== undefined) waiting.delete(next[0]);
    return next;
  }

  return {
    get droppedLines() {
      return droppedLines;
    },
    add,
    flush,
    async [Symbol.asyncDispose]() {
      await flush();
      isClosed = true;
      // Of what the flush itself had to say.
      await flush();
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
