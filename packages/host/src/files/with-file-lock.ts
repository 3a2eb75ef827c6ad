// One process at a time, by a file that says who is inside. Whoever dies inside leaves the file behind: it is taken for
// left over when its process is gone, or when nobody refreshed it while somebody waited. The second covers process ids
// that were given again, and processes of other machines or containers, whose ids mean nothing here.
import { link, open, readFile, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { encodeBase64url, isJsonObject, safeParseJson, sleep, systemClock, systemRandom } from '@puffo/base';
import { HostError } from '../host-error.ts';
import { errorCodeOf, reasonOf } from './error-code.ts';

const POLL_MS = 20;
/** Refreshed so often within the time after which it counts as left over. */
const REFRESHES = 8;
/** Not refreshed for so long while we watched. Counted by our own steady clock, which stands still with the machine. */
const ABANDONED_MS = 15_000;
const WAIT_MS = 60_000;
const ID_BYTES = 9;
const HOLDER_CHARACTERS = 1_000;
/** It becomes part of a path. */
const ID = /^[\w-]{1,64}$/;
/** File systems without hard links. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL']);

export interface FileLockOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for others; then it fails with `locked`. */
  readonly waitMs?: number;
  /** Longer than a process may be too busy to refresh its lock; the same for everybody who uses it. */
  readonly abandonedMs?: number;
}

/**
 * Runs `work` while nobody else is inside of a lock at `path`, and removes the file. The folder must exist. Not to be nested
 * with itself.
 */
export async function withFileLock<Result>(
  path: string,
  work: () => Promise<Result>,
  options: FileLockOptions = {},
): Promise<Result> {
  const id = encodeBase64url(systemRandom.bytes(ID_BYTES));
  await acquire(path, id, options);
  const refreshing = setInterval(() => void refresh(path), (options.abandonedMs ?? ABANDONED_MS) / REFRESHES);
  refreshing.unref();
  try {
    return await work();
  } finally {
    clearInterval(refreshing);
    await release(path, id);
  }
}

async function acquire(path: string, id: string, options: FileLockOptions): Promise<void> {
  const { signal, waitMs = WAIT_MS, abandonedMs = ABANDONED_MS } = options;
  const endAt = performance.now() + waitMs;
  let watched: { readonly state: string; readonly since: number } | undefined;
  while (!(await tryToTake(path, id))) {
    signal?.throwIfAborted();
    const holder = await readHolder(path);
    if (holder === undefined) continue;
    const now = performance.now();
    if (watched?.state !== holder.state) watched = { state: holder.state, since: now };
    if (isGone(holder) || now - watched.since >= abandonedMs) {
      await removeLeftOver(path, holder, options);
      continue;
    }
    if (now >= endAt) throw lockedBy(path, holder);
    await sleep(POLL_MS, signal);
  }
}

/** The file is never seen without its content. */
async function tryToTake(path: string, id: string): Promise<boolean> {
  const text = JSON.stringify({ pid: process.pid, host: hostname(), id });
  const draft = `${path}.${id}.tmp`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    await link(draft, path);
    return true;
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'EEXIST') return false;
    if (NO_LINKS.has(code)) return createExclusively(path, text);
    const message = `Cannot lock ${path} (${reasonOf(error)}): check that its folder exists and can be written`;
    throw new HostError(message, { code: 'unwritable', cause: error });
  } finally {
    await unlinkIfThere(draft);
  }
}

async function createExclusively(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

interface Holder {
  /** Of this holder alone. */
  readonly id: string;
  /** Absent: written by something else, or being written. */
  readonly pid: number | undefined;
  readonly host: string | undefined;
  /** Changes with every refresh. */
  readonly state: string;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const { mtimeMs, ino } = await stat(path);
    const result = safeParseJson(await readFile(path, 'utf8'), {
      maxLength: HOLDER_CHARACTERS,
      maxDepth: 2,
      integers: 'safe',
    });
    const found = result.kind === 'value' && isJsonObject(result.value) ? result.value : {};
    const { pid, host, id } = found;
    const holderId = typeof id === 'string' && ID.test(id) ? id : `unknown-${ino}`;
    return {
      id: holderId,
      pid: typeof pid === 'number' ? pid : undefined,
      host: typeof host === 'string' ? host : undefined,
      state: `${holderId} ${mtimeMs}`,
    };
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    const message = `Cannot read lock ${path} (${reasonOf(error)}): remove it if no other puffo program runs`;
    throw new HostError(message, { code: 'unreadable', cause: error });
  }
}

function isGone({ pid, host }: Holder): boolean {
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return errorCodeOf(error) === 'ESRCH';
  }
}

/**
 * Several may find the same left-over file. Under a lock that is named after it, one after the other looks again, so nobody
 * removes the lock of who came next.
 */
async function removeLeftOver(path: string, leftOver: Holder, options: FileLockOptions): Promise<void> {
  await withFileLock(
    `${path}.${leftOver.id}`,
    async () => {
      const now = await readHolder(path);
      if (now?.id === leftOver.id) await unlinkIfThere(path);
    },
    options,
  );
}

async function refresh(path: string): Promise<void> {
  const now = systemClock() / 1000;
  try {
    await utimes(path, now, now);
  } catch {
    // Somebody took it for left over and removed it, or it is released: there is nothing to keep.
  }
}

async function release(path: string, id: string): Promise<void> {
  try {
    const holder = await readHolder(path);
    if (holder?.id === id) await unlinkIfThere(path);
  } catch {
    // The work is done, and that is what the caller wants to know; to others the lock will look left over.
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT') throw error;
  }
}

function lockedBy(path: string, { pid, host }: Holder): HostError {
  const who = pid === undefined ? 'somebody' : `process ${pid}${host === hostname() ? '' : ` of ${host}`}`;
  const message = `Cannot go on: ${who} holds ${path}; wait for it, or remove the file if no other puffo program runs`;
  return new HostError(message, { code: 'locked', retryable: true, fields: { path } });
}
