// What was reported survives SIGKILL at any moment, and every message is answered by one reply or waits.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openSqliteReader } from '@puffo/sql';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { AgentStore } from '../../src/store/agent-store.ts';
import type { EnvelopeId } from '@puffo/protocol';
import { openStore } from './kit.ts';

const CHILD = fileURLToPath(new URL('working-child.mjs', import.meta.url));
const ROUNDS = 5;
const SEQS_PER_ROUND = 1_000_000;

test('statement 80, runtimes 24: a process that is killed while it works loses no message and answers none twice', async () => {
  await using test = await openStore();
  await test.store[Symbol.asyncDispose]();
  const replies = new Map<string, string>();
  for (let round = 1; round <= ROUNDS; round++) {
    const { recorded, answered } = await workUntilKilled(test.path, round);
    const store = await test.reopen();
    const recovery = await store.recover({ maxAttempts: 2, noticeOf: () => undefined });
    expect(recovery.failed).toBe(0);
    expect(await store.mailbox.findKnown(recorded)).toEqual(new Set(recorded));
    await takeReplies(store, replies);
    for (const id of recorded) {
      const { state } = (await store.find(id))!;
      expect(state === 'answered').toBe(replies.has(id));
      expect(['answered', 'waiting']).toContain(state);
      if (answered.includes(id)) expect(state).toBe('answered');
    }
    await store[Symbol.asyncDispose]();
    expect(await integrityOf(test.path)).toBe('ok');
  }
  expect(replies.size).toBeGreaterThan(ROUNDS);
});

async function workUntilKilled(path: string, round: number) {
  const args = [CHILD, path, String(round * SEQS_PER_ROUND)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const recorded: EnvelopeId[] = [];
  const answered: EnvelopeId[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind, id = ''] = line.split(' ');
    (kind === 'recorded' ? recorded : answered).push(id as EnvelopeId);
    // In another place of its loop in every round.
    if (recorded.length + answered.length === 40 + round) child.kill('SIGKILL');
  }
  if (child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return { recorded, answered };
}

/** Each message is named by one reply. */
async function takeReplies(store: AgentStore, replies: Map<string, string>): Promise<void> {
  for (;;) {
    const pending = await store.listPendingReplies();
    if (pending.length === 0) return;
    for (const { idempotencyKey, content } of pending) {
      for (const id of content as readonly string[]) {
        expect(replies.has(id)).toBe(false);
        replies.set(id, idempotencyKey);
      }
      await store.settleReply(idempotencyKey, { kind: 'sent', envelopeId: 'msg_out' as EnvelopeId });
    }
  }
}

async function integrityOf(path: string): Promise<string | undefined> {
  await using reader = openSqliteReader<object>(path);
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(reader.db);
  return rows[0]?.integrity_check;
}
