// Where Gemini CLI keeps its sessions, and what has to be done there before one is resumed. Loading a session in the minute in
// which it was begun overwrites it, because the name of the file says the minute: so it gets another name first.
// spec: runtimes 10.4
import { lstat, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@puffo/base';
import { writeFileAtomically } from '@puffo/host';
import {
  cleanSessionRecord,
  hasConversation,
  readSessionRecord,
  type SessionRecord,
  writeSessionRecord,
} from './session-record.ts';

const MAX_SESSION_BYTES = 64 * 1024 * 1024;
/** The program never makes a file of this minute. */
const KEPT_NAME = 'session-1970-01-01T00-00-';
const SHORT_ID = 8;

/** Whether there is a session of that id to go on with; it is ready to be loaded then. Not while a program uses it. */
export async function prepareStoredSession(agentDir: string, sessionId: string): Promise<boolean> {
  for (const folder of await listChatFolders(agentDir)) {
    const files = await listSessionFiles(folder, sessionId);
    const record = await readBest(files, sessionId);
    if (record === undefined) continue;
    const kept = join(folder, `${KEPT_NAME}${sessionId.slice(0, SHORT_ID)}.jsonl`);
    await writeFileAtomically(kept, writeSessionRecord(record));
    for (const file of files) if (file !== kept) await unlink(file);
    return true;
  }
  return false;
}

const MAX_AGE_MS = 30 * 24 * 3600 * 1000;

/** Every start leaves files behind, and the clean-up of the program itself is not to be trusted with them. */
export async function removeOldSessions(agentDir: string, { clock, keep }: OldSessions): Promise<void> {
  for (const folder of await listChatFolders(agentDir)) {
    const kept = keep === undefined ? [] : await listSessionFiles(folder, keep);
    const files = (await listNames(folder)).filter((name) => name.startsWith('session-'));
    for (const file of files.map((name) => join(folder, name))) {
      const { mtimeMs } = await lstat(file);
      if (!kept.includes(file) && clock() - mtimeMs > MAX_AGE_MS) await unlink(file);
    }
  }
}

export interface OldSessions {
  readonly clock: Clock;
  /** Id of a session that is still wanted. */
  readonly keep: string | undefined;
}

async function listChatFolders(agentDir: string): Promise<readonly string[]> {
  const root = join(agentDir, '.gemini', 'tmp');
  return (await listNames(root)).map((project) => join(root, project, 'chats'));
}

async function listSessionFiles(folder: string, sessionId: string): Promise<readonly string[]> {
  const end = `-${sessionId.slice(0, SHORT_ID)}.jsonl`;
  const names = await listNames(folder);
  return names.filter((name) => name.startsWith('session-') && name.endsWith(end)).map((name) => join(folder, name));
}

/** The longest conversation: every load leaves an empty file of the same id. */
async function readBest(files: readonly string[], sessionId: string): Promise<SessionRecord | undefined> {
  const records: SessionRecord[] = [];
  for (const file of files) {
    const stats = await lstat(file);
    if (!stats.isFile() || stats.size > MAX_SESSION_BYTES) continue;
    const record = cleanSessionRecord(readSessionRecord(await readFile(file, 'utf8')));
    if (record.head['sessionId'] === sessionId && hasConversation(record)) records.push(record);
  }
  return records.toSorted((one, other) => other.messages.length - one.messages.length)[0];
}

async function listNames(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // Nothing has been kept yet.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}
