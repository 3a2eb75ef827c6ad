// The log of one agent, for people: its last lines, then what is added, across files that are moved aside meanwhile. Reads
// files only, so it needs no daemon. spec: daemon-and-cli D-30
import { type FileHandle, open } from 'node:fs/promises';
import { sleep } from '@puffo/base';
import type { Home } from '../home/home.ts';
import { agentLogPath, filesOf } from './log-paths.ts';

const POLL_MS = 250;
const CHUNK_BYTES = 64 * 1024;
/** A longer line is not one of ours; it is cut there. */
const MAX_LINE_BYTES = 1024 * 1024;
const LINE_BREAK = 0x0a;

export interface AgentLogRequest {
  readonly home: Pick<Home, 'folder'>;
  readonly id: string;
  /** The last ones. */
  readonly lines: number;
}

/** `undefined`: nothing was ever logged for it. */
export async function readAgentLog({ home, id, lines }: AgentLogRequest): Promise<readonly string[] | undefined> {
  const path = agentLogPath(home, id);
  if (path === undefined) return undefined;
  return (await readLast(path, lines))?.lines;
}

/** Ends when `signal` is aborted. A log that does not exist yet is waited for. */
export async function* followAgentLog({
  home,
  id,
  lines,
  signal,
}: AgentLogRequest & { readonly signal: AbortSignal }): AsyncGenerator<string, void, undefined> {
  const path = agentLogPath(home, id);
  if (path === undefined) return;
  const start = await readLast(path, lines);
  yield* start?.lines ?? [];
  let place = start?.end;
  const splitter = createSplitter();
  while (!signal.aborted) {
    for await (const piece of readNew(path, place)) {
      place = piece.place;
      yield* splitter.push(piece.bytes);
    }
    try {
      await sleep(POLL_MS, signal);
    } catch {
      // The person has seen enough.
      return;
    }
  }
}

/** Files are known by their number: their names move. */
interface Place {
  readonly file: number;
  readonly position: number;
}

interface LastLines {
  readonly lines: readonly string[];
  /** Behind the last whole line. */
  readonly end: Place;
}

async function readLast(path: string, count: number): Promise<LastLines | undefined> {
  const found: string[][] = [];
  let missing = count;
  let end: Place | undefined;
  for (const name of filesOf(path)) {
    const file = await openIfThere(name);
    if (file === undefined) continue;
    try {
      const { ino, size } = await file.stat();
      const tail = await readTail(file, { size, count: missing });
      end ??= { file: ino, position: tail.end };
      found.unshift([...tail.lines]);
      missing -= tail.lines.length;
    } finally {
      await file.close();
    }
    if (missing <= 0) break;
  }
  return end === undefined ? undefined : { lines: found.flat(), end };
}

interface Tail {
  readonly lines: readonly string[];
  readonly end: number;
}

/** From the end backwards, no further than needed. What has no line break yet is still being written. */
async function readTail(
  file: FileHandle,
  { size, count }: { readonly size: number; readonly count: number },
): Promise<Tail> {
  let bytes = Buffer.alloc(0);
  let start = size;
  while (start > 0 && countLineBreaks(bytes) <= count && bytes.length < MAX_LINE_BYTES * (count + 1)) {
    // Twice as much each time: a long look back costs no more than the file is long.
    const length = Math.min(Math.max(CHUNK_BYTES, bytes.length), start);
    const chunk = Buffer.alloc(length);
    const { bytesRead } = await file.read(chunk, 0, length, start - length);
    if (bytesRead < length) break;
    start -= length;
    bytes = Buffer.concat([chunk, bytes]);
  }
  const last = bytes.lastIndexOf(LINE_BREAK);
  const lines = bytes
    .toString('utf8', 0, last + 1)
    .split('\n')
    .slice(start > 0 ? 1 : 0, -1)
    .filter((line) => line !== '');
  return { lines: count === 0 ? [] : lines.slice(-count), end: start + last + 1 };
}

function countLineBreaks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_BREAK); at !== -1; at = bytes.indexOf(LINE_BREAK, at + 1)) count++;
  return count;
}

/** What was written behind `place`, the oldest first. Files are opened before they are told apart, because names move. */
async function* readNew(path: string, place: Place | undefined): AsyncGenerator<Piece, void, undefined> {
  const files: { readonly file: FileHandle; readonly ino: number; readonly size: number }[] = [];
  try {
    for (const name of filesOf(path)) {
      const file = await openIfThere(name);
      if (file === undefined) continue;
      const { ino, size } = await file.stat();
      files.push({ file, ino, size });
    }
    const known = files.findIndex(({ ino }) => ino === place?.file);
    // One that is gone was removed, not moved aside: what is there now is new.
    const newer = known === -1 ? files.slice(0, 1) : files.slice(0, known + 1);
    // Moved while they were opened, one has two names.
    const unique = newer.filter(({ ino }, at) => newer.findIndex((each) => each.ino === ino) === at);
    for (const { file, ino, size } of unique.toReversed()) {
      const before = ino === place?.file ? place.position : 0;
      // Smaller than it was: it was emptied.
      yield* readFrom(file, { from: before > size ? 0 : before, to: size, ino });
    }
  } finally {
    for (const { file } of files) await file.close();
  }
}

interface Piece {
  readonly bytes: Buffer;
  /** Behind it. */
  readonly place: Place;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly ino: number;
}

async function* readFrom(file: FileHandle, { from, to, ino }: Range): AsyncGenerator<Piece, void, undefined> {
  // Also of an empty one, so that the next look begins there.
  yield { bytes: Buffer.alloc(0), place: { file: ino, position: from } };
  for (let position = from; position < to;) {
    const bytes = Buffer.alloc(Math.min(CHUNK_BYTES, to - position));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield { bytes: bytes.subarray(0, bytesRead), place: { file: ino, position } };
  }
}

interface Splitter {
  push(chunk: Buffer): Generator<string, void, undefined>;
}

/** Cuts at line breaks and keeps what has none yet. */
function createSplitter(): Splitter {
  let rest = Buffer.alloc(0);
  return {
    *push(chunk) {
      rest = Buffer.concat([rest, chunk]);
      for (let at = rest.indexOf(LINE_BREAK); at !== -1; at = rest.indexOf(LINE_BREAK)) {
        const line = rest.toString('utf8', 0, at);
        rest = rest.subarray(at + 1);
        if (line !== '') yield line;
      }
      if (rest.length <= MAX_LINE_BYTES) return;
      yield rest.toString('utf8');
      rest = Buffer.alloc(0);
    },
  };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
