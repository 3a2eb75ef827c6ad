import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareStoredSession, removeOldSessions } from '../src/drivers/gemini-cli/session-files.ts';

const ID = '11111111-2222-4333-8444-555555555555';
const OTHER = '99999999-2222-4333-8444-555555555555';
const KEPT = 'session-1970-01-01T00-00-11111111.jsonl';
const HEAD = JSON.stringify({ sessionId: ID, projectHash: '0' });
const TALK = [HEAD, '{"id":"1","type":"user","content":[]}', '{"id":"2","type":"gemini","content":"Yes."}'].join('\n');

let agentDir = '';
let chats = '';

beforeEach(async () => {
  agentDir = await mkdtemp(join(tmpdir(), 'puffo-gemini-files-'));
  chats = join(agentDir, '.gemini', 'tmp', 'workspace', 'chats');
  await mkdir(chats, { recursive: true });
});

afterEach(async () => {
  await rm(agentDir, { recursive: true, force: true });
});

describe('the stored sessions of Gemini CLI', () => {
  test('give the longest one of an id a name that the program does not overwrite, and lose its empty twins', async () => {
    await writeFile(join(chats, 'session-2026-01-01T10-00-11111111.jsonl'), TALK);
    await writeFile(join(chats, 'session-2026-01-01T10-07-11111111.jsonl'), HEAD);
    await writeFile(join(chats, 'session-2026-01-01T10-07-99999999.jsonl'), HEAD);
    expect(await prepareStoredSession(agentDir, ID)).toBe(true);
    expect((await readdir(chats)).toSorted()).toEqual([KEPT, 'session-2026-01-01T10-07-99999999.jsonl']);
    expect(await readFile(join(chats, KEPT), 'utf8')).toBe(`${TALK}\n`);
  });

  test('are left alone when there is nothing to go on with', async () => {
    await writeFile(join(chats, 'session-2026-01-01T10-00-11111111.jsonl'), HEAD);
    expect(await prepareStoredSession(agentDir, ID)).toBe(false);
    expect(await prepareStoredSession(agentDir, OTHER)).toBe(false);
    expect(await readdir(chats)).toEqual(['session-2026-01-01T10-00-11111111.jsonl']);
  });

  test('are not those of another session whose id begins in the same way', async () => {
    await writeFile(join(chats, 'session-2026-01-01T10-00-11111111.jsonl'), TALK);
    expect(await prepareStoredSession(agentDir, '11111111-0000-4000-8000-000000000000')).toBe(false);
  });

  test('are not read through a link', async () => {
    await writeFile(join(agentDir, 'elsewhere'), TALK);
    await symlink(join(agentDir, 'elsewhere'), join(chats, 'session-2026-01-01T10-00-11111111.jsonl'));
    expect(await prepareStoredSession(agentDir, ID)).toBe(false);
  });

  test('are thrown away after thirty days, but for the one that is wanted', async () => {
    for (const id of ['11111111', '99999999', '77777777']) await writeFile(join(chats, `session-x-${id}.jsonl`), HEAD);
    const day = 24 * 3600 * 1000;
    for (const id of ['11111111', '99999999']) await utimes(join(chats, `session-x-${id}.jsonl`), 0, 0);
    await utimes(join(chats, 'session-x-77777777.jsonl'), 25 * 24 * 3600, 25 * 24 * 3600);
    await removeOldSessions(agentDir, { clock: () => 31 * day, keep: ID });
    expect((await readdir(chats)).toSorted()).toEqual(['session-x-11111111.jsonl', 'session-x-77777777.jsonl']);
  });
});
