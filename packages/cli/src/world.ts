// What a command sees of the process it runs in. Made in bin/, and by tests.
import type { Readable, Writable } from 'node:stream';
import type { Clock, Random } from '@puffo/base';

export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the user. */
  readonly home: string;
  readonly platform: string;
  readonly now: Clock;
  readonly random: Random;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborted when the process is asked to stop. */
  readonly stop: AbortSignal;
}

export type InputStream = Readable & { readonly isTTY?: boolean };
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };
