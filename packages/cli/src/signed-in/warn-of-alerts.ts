import type { Directory, DirectoryAlert } from '@puffo/client';
import type { Terminal } from '../output/terminal.ts';

/** Says what a person should know about other people's keys. Returns how to stop. */
export function warnOfAlerts(directory: Directory, { note, notePaint }: Terminal): () => void {
  return directory.onAlert((alert) => note(notePaint.yellow(`Warning: ${describe(alert)}`)));
}

function describe(alert: DirectoryAlert): string {
  const { slug } = alert;
  switch (alert.kind) {
    case 'changed-root':
      return `The root key of @${slug} has changed: nothing is sent to the new one; ask them by another way`;
    case 'new-device':
      return `@${slug} has a new device, ${alert.deviceId}`;
    case 'revoked-device':
      return `@${slug} has revoked a device, ${alert.deviceId}`;
  }
}
