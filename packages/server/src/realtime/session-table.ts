// The sessions of this node, by device and by person.
import type { DeviceId, Slug } from '@puffo/protocol';
import type { Session } from './session.ts';

export interface SessionTable {
  readonly size: number;
  add(session: Session): void;
  /** `false`: it was not there. */
  remove(session: Session): boolean;
  ofDevice(deviceId: DeviceId): readonly Session[];
  ofSlug(slug: Slug): readonly Session[];
  all(): IterableIterator<Session>;
}

const NONE: readonly Session[] = [];

export function createSessionTable(): SessionTable {
  const sessions = new Set<Session>();
  const byDevice = new Map<DeviceId, readonly Session[]>();
  const bySlug = new Map<Slug, readonly Session[]>();

  return {
    get size() {
      return sessions.size;
    },
    add(session) {
      sessions.add(session);
      addTo(byDevice, session.deviceId, session);
      addTo(bySlug, session.slug, session);
    },
    remove(session) {
      if (!sessions.delete(session)) return false;
      removeFrom(byDevice, session.deviceId, session);
      removeFrom(bySlug, session.slug, session);
      return true;
    },
    ofDevice: (deviceId) => byDevice.get(deviceId) ?? NONE,
    ofSlug: (slug) => bySlug.get(slug) ?? NONE,
    all: () => sessions.values(),
  };
}

// Lists are replaced and never changed, so that who walks one may end sessions.

function addTo<Key>(lists: Map<Key, readonly Session[]>, key: Key, session: Session): void {
  const list = lists.get(key);
  lists.set(key, list === undefined ? [session] : [...list, session]);
}

function removeFrom<Key>(lists: Map<Key, readonly Session[]>, key: Key, session: Session): void {
  const rest = lists.get(key)?.filter((other) => other !== session) ?? NONE;
  if (rest.length === 0) lists.delete(key);
  else lists.set(key, rest);
}
