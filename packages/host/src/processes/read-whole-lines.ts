// The lines of a stream as text. A line end is LF; a CR in front of it is dropped; what stands behind the last one is a line, too.
import type { Readable } from 'node:stream';

const LF = 0x0a;

/** Returns `false` when a line is longer than `maxBytes`: it and what follows are not read. Errors of the stream are its end. */
export async function* readWholeLines(stream: Readable, maxBytes: number): AsyncGenerator<string, boolean, void> {
  let pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
        pieces.push(chunk.subarray(start, end));
        if (length + end - start > maxBytes) return false;
        yield toLine(pieces);
        pieces = [];
        length = 0;
        start = end + 1;
      }
      pieces.push(chunk.subarray(start));
      length += chunk.length - start;
      if (length > maxBytes) return false;
    }
  } catch {
    // The pipe broke, or was closed in the middle: the program has ended, and that is told elsewhere.
  }
  if (length > 0) yield toLine(pieces);
  return true;
}

function toLine(pieces: readonly Buffer[]): string {
  return new TextDecoder().decode(Buffer.concat(pieces)).replace(/\r$/, '');
}
