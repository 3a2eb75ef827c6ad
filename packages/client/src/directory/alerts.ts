// Tells listeners what a person should know, and the log as well.
import type { Logger } from '@puffo/base';
import { createBoundedMap } from './bounded-map.ts';
import type { DirectoryAlert } from './directory.ts';

const MAX_TOLD = 10_000;

export interface Alerts {
  /** A changed root only once per slug and root. */
  raise(alert: DirectoryAlert): void;
  listen(listener: (alert: DirectoryAlert) => void): () => void;
}

export function createAlerts(log: Logger): Alerts {
  const told = createBoundedMap<string, true>(MAX_TOLD);
  const listeners = new Set<{ readonly listener: (alert: DirectoryAlert) => void }>();
  return {
    raise(alert) {
      const key = keyOf(alert);
      if (told.get(key) === true) return;
      told.set(key, true);
      log.warn(`directory.${alert.kind}`, alert);
      for (const { listener } of listeners) callListener(listener, { alert, log });
    },
    listen(listener) {
      // A wrapper of its own: the same function may listen twice.
      const own = { listener };
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}

function keyOf(alert: DirectoryAlert): string {
  const subject = alert.kind === 'changed-root' ? alert.foundRoot : alert.deviceId;
  return `${alert.kind} ${alert.slug} ${subject}`;
}

function callListener(
  listener: (alert: DirectoryAlert) => void,
  { alert, log }: { readonly alert: DirectoryAlert; readonly log: Logger },
): void {
  try {
    listener(alert);
  } catch (error) {
    // Whatever is wrong with a listener, verification goes on.
    log.error('directory.listener-failed', { reason: error instanceof Error ? error.name : 'unknown' });
  }
}
