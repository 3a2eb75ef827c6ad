// What an agent asks for itself, until the worker does it before the next turn. Also asked for by files, which people and tools of
// 0.7.2 write. spec: mcp-tools 7.1, 7.2, runtimes 5.11
import { isJsonObject, type JsonObject, type Logger, safeParseJson } from '@puffo/base';
import { createGuardedFolder, type GuardedFolder } from '../../prepare/guarded-folder.ts';

export interface SelfRequest {
  /** Role and notes are to be read again. */
  readonly reload: boolean;
  /** The engine is to start anew; also for every reload. */
  readonly restart: boolean;
  /** The session is to begin from nothing. */
  readonly newSession: boolean;
  /** Skills and tool servers of the operator are to be copied again. */
  readonly hostSync: boolean;
  /** From a file; `''`: what is configured. What a tool asks for stands in the store. */
  readonly model: string | undefined;
}

export interface SelfRequests {
  request(change: Partial<Omit<SelfRequest, 'model'>>): void;
  /** Everything since the last time, as one; `undefined`: nothing. The files are gone, whatever is done with it. */
  take(): Promise<SelfRequest | undefined>;
}

const FLAGS = '.puffo-agent';
const RELOAD_FLAG = `${FLAGS}/reload.flag`;
const REFRESH_FLAG = `${FLAGS}/refresh.flag`;
const MAX_BYTES = 4096;
const LIMITS = { maxLength: MAX_BYTES, maxDepth: 4, integers: 'any' } as const;
const NOTHING: SelfRequest = { reload: false, restart: false, newSession: false, hostSync: false, model: undefined };

export interface SelfRequestsOptions {
  readonly workspaceDir: string;
  readonly logger: Logger;
}

export function createSelfRequests({ workspaceDir, logger }: SelfRequestsOptions): SelfRequests {
  const folder = createGuardedFolder(workspaceDir);
  let asked: SelfRequest | undefined;

  function add(change: Partial<SelfRequest>): void {
    const { reload = false, restart = false, newSession = false, hostSync = false, model } = change;
    const before = asked ?? NOTHING;
    asked = {
      reload: before.reload || reload,
      restart: before.restart || restart || reload || newSession || hostSync || model !== undefined,
      newSession: before.newSession || newSession,
      hostSync: before.hostSync || hostSync,
      model: model ?? before.model,
    };
  }

  async function takeFlag(name: string): Promise<JsonObject | undefined> {
    try {
      return await readFlag(folder, name);
    } catch {
      // A link or folder in its place: nobody of ours has made that.
      logger.warn('flag-unusable', { flag: name });
      return undefined;
    }
  }

  return {
    request: add,
    async take() {
      if ((await takeFlag(RELOAD_FLAG)) !== undefined) add({ reload: true });
      const refresh = await takeFlag(REFRESH_FLAG);
      if (refresh !== undefined) {
        const { model } = refresh;
        add({ restart: true, ...(typeof model === 'string' ? { model: model.trim() } : {}) });
      }
      const taken = asked;
      asked = undefined;
      return taken;
    },
  };
}

/** Any content is a request; one that cannot be read has no members. */
async function readFlag(folder: GuardedFolder, name: string): Promise<JsonObject | undefined> {
  if (folder.find(name) === undefined) return undefined;
  try {
    const file = await folder.read(name, { maxBytes: MAX_BYTES });
    if (file === undefined) return undefined;
    const result = safeParseJson(new TextDecoder().decode(file.bytes).trim(), LIMITS);
    return result.kind === 'value' && isJsonObject(result.value) ? result.value : {};
  } finally {
    await folder.remove(name);
  }
}
