import { concatBytes, decodeUtf8 } from '@puffo/base';
import { CliError } from '../cli-error.ts';
import type { InputStream } from '../world.ts';

/** Standard input to its end, as text without the line break that most programs end with. */
export async function readAllText(stdin: InputStream, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
    if (!(bytes instanceof Uint8Array)) throw new TypeError('Cannot read standard input: it does not yield bytes');
    size += bytes.length;
    if (size > maxBytes) {
      throw new CliError(
        'failed',
        `Cannot read standard input: it is longer than ${maxBytes} bytes, send it with --file`,
      );
    }
    chunks.push(bytes);
  }
  const text = decodeUtf8(concatBytes(...chunks));
  if (text === undefined)
    throw new CliError('failed', 'Cannot read standard input: it is not UTF-8, send it with --file');
  return text.replace(/\r?\n$/, '');
}
