// Notices when a connection has died without a word. spec: wire-protocol 10.3
import type { Clock } from '@puffo/base';
import { runAfter, type Sleep } from './pause.ts';

/** Servers ping every 30 s. */
const SILENCE_MS = 90_000;

export interface SilenceWatch {
  start(): void;
  /** A frame came, whatever it says. */
  hear(): void;
}

export interface SilenceWatchOptions {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  readonly onSilent: (silentMs: number) => void;
}

export function createSilenceWatch({ clock, sleep, signal, onSilent }: SilenceWatchOptions): SilenceWatch {
  let heardAt = clock();

  function look(): void {
    // A clock that was set back says nothing about the connection.
    heardAt = Math.min(heardAt, clock());
    const silentMs = clock() - heardAt;
    if (silentMs >= SILENCE_MS) onSilent(silentMs);
    else runAfter(SILENCE_MS - silentMs, look, { sleep, signal });
  }

  return {
    start: look,
    hear() {
      heardAt = clock();
    },
  };
}
