// What a socket reports, in order, and a way to wait for its end.
import type { SocketHandlers } from '../../src/index.ts';

export interface SocketLog extends SocketHandlers {
  readonly events: readonly string[];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

export function createSocketLog(): SocketLog {
  const events: string[] = [];
  let open: (() => void) | undefined;
  let close: ((end: { code: number; reason: string }) => void) | undefined;
  return {
    events,
    opened: new Promise((resolve) => {
      open = resolve;
    }),
    closed: new Promise((resolve) => {
      close = resolve;
    }),
    onOpen() {
      events.push('open');
      open?.();
    },
    onText(text) {
      events.push(`text ${text}`);
    },
    onClose(code, reason) {
      events.push(`close ${code}`);
      close?.({ code, reason });
    },
  };
}
