// A registration that may be interrupted: what it has come to is kept beside the keys until they are there.
import { isJsonObject, safeParseJson } from '@puffo/base';
import type { DataFolder } from './data-folder.ts';

export interface PendingRegistration {
  /** What an interrupted run left, at the same server. */
  readonly text: string | undefined;
  readonly keep: (text: string) => Promise<void>;
  readonly remove: () => Promise<void>;
  /** Nothing depends on it as long as the server gave no slug. */
  readonly removeIfUnused: () => Promise<void>;
}

export interface PendingName {
  readonly name: string;
  readonly serverUrl: string;
}

const LIMITS = { maxLength: 64 * 1024, maxDepth: 32, integers: 'any' } as const;

export async function openPending(
  { keys }: Pick<DataFolder, 'keys'>,
  { name, serverUrl }: PendingName,
): Promise<PendingRegistration> {
  const fileName = name.replaceAll(/[^a-z0-9_-]/g, '_');
  const found = await keys.loadPending(fileName);
  async function remove(): Promise<void> {
    await keys.removePending(fileName);
  }
  return {
    // One of another server is not needed any more: who signs up there again begins anew.
    text: found !== undefined && memberOf(found, 'server_url') === serverUrl ? found : undefined,
    keep: (text) => keys.savePending(fileName, text),
    remove,
    async removeIfUnused() {
      const kept = await keys.loadPending(fileName);
      if (kept !== undefined && memberOf(kept, 'reserved') === null) await remove();
    },
  };
}

function memberOf(text: string, name: string): unknown {
  const result = safeParseJson(text, LIMITS);
  return result.kind === 'value' && isJsonObject(result.value) ? result.value[name] : undefined;
}
