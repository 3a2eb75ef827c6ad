// The last messages that this node was told of, so that a session whose window was full goes on without reading the table.
// Without gaps: what is not here from `from` on, was posted to nobody who has a socket here. spec: wire-protocol 10.6
import type { DeviceId } from '@puffo/protocol';
import type { CommittedMessage } from './hub.ts';
import type { ReadRequest } from './delivery-window.ts';

const MAX_MESSAGES = 100;
/** 16 MiB of text at most. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

export interface RecentMessage {
  readonly message: CommittedMessage;
  /** JSON text of the device's entry. */
  readonly entry: string;
}

export interface RecentMessages {
  /** Call in ascending order, for each message that is for a device with a socket here. */
  add(message: CommittedMessage): void;
  /** Something below `from` is not known: it begins anew there. */
  restart(from: number): void;
  /** As reading the table does. `undefined`: it does not reach back so far. */
  find(deviceId: DeviceId, request: ReadRequest): readonly RecentMessage[] | undefined;
}

interface Kept {
  readonly message: CommittedMessage;
  readonly characters: number;
  /** Made when it is first asked for. */
  entries: ReadonlyMap<DeviceId, string> | undefined;
}

export function createRecentMessages(from: number): RecentMessages {
  let kept: Kept[] = [];
  let since = from;
  let characters = 0;

  function dropOldest(): void {
    const oldest = kept.shift();
    if (oldest === undefined) return;
    characters -= oldest.characters;
    since = oldest.message.seq + 1;
  }

  return {
    add(message) {
      const last = kept.at(-1)?.message.seq ?? since - 1;
      if (message.seq <= last) return;
      const size = message.deliveries.reduce((sum, { entry }) => sum + entry.length, message.envelope.length);
      kept.push({ message, characters: size, entries: undefined });
      characters += size;
      while (kept.length > MAX_MESSAGES || characters > MAX_CHARACTERS) dropOldest();
    },
    restart(at) {
      kept = [];
      characters = 0;
      since = at;
    },
    find(deviceId, { after, except, limit }) {
      if (after + 1 < since) return undefined;
      const found: RecentMessage[] = [];
      for (const each of kept) {
        const { message } = each;
        if (message.seq <= after || except.includes(message.envelopeId)) continue;
        each.entries ??= new Map(message.deliveries.map((delivery) => [delivery.deviceId, delivery.entry]));
        const entry = each.entries.get(deviceId);
        if (entry !== undefined) found.push({ message, entry });
        if (found.length === limit) break;
      }
      return found;
    },
  };
}
