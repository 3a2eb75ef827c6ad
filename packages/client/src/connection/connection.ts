// A socket that comes back. Liveness is its own business: frames are only put into a queue, and pings are answered here.
// spec: wire-protocol 10.1 to 10.3, 10.7
import type { ClientFrameInput, ServerFrame } from '@puffo/protocol';

/** `stopped`: the server said that this device will not be let in again, or `close` was called. */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'stopped';

export type ConnectionEvent =
  /** `connected` came. Numbers count up; frames of an older number are of an older connection. */
  | { readonly kind: 'open'; readonly connection: number }
  | { readonly kind: 'frame'; readonly connection: number; readonly frame: ServerFrame }
  /** Of one that was open. `retryInMs`: absent when it will not be tried again. */
  | { readonly kind: 'closed'; readonly connection: number; readonly code: number; readonly retryInMs?: number };

export interface Connection extends AsyncDisposable {
  readonly state: ConnectionState;
  /** Everything that happens, in order, for one reader. Ends after `stopped`. */
  readonly events: AsyncIterable<ConnectionEvent>;
  /** `false`: there is no open connection, and nothing was sent. */
  send(frame: ClientFrameInput): boolean;
  /** Called at once with every change. Returns how to stop. */
  onState(listener: (state: ConnectionState) => void): () => void;
}
