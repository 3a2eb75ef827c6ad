// What commands and the daemon say to each other over the private local socket: HTTP with JSON bodies.
import type { JsonValue } from '@puffo/base';
import type { DaemonErrorCode } from '../daemon-error.ts';
import type { LiveAgent } from '../supervisor/supervisor.ts';

/** `<home>/run/control.json`, 0600, while a daemon runs. */
export interface ControlAddress {
  readonly pid: number;
  /** Path of a socket, or a named pipe. */
  readonly socket: string;
  /** Secret. */
  readonly token: string;
}

/** What `POST /v1/operations/<name>` comes to. */
export type ControlAnswer =
  | {
      readonly kind: 'done';
      readonly result: JsonValue;
      /** For the person, beside the result. */
      readonly warnings: readonly string[];
      /** What became of the agent that the operation was about, once it had come to rest. */
      readonly agent: LiveAgent | undefined;
    }
  | { readonly kind: 'failed'; readonly code: DaemonErrorCode; readonly message: string };
