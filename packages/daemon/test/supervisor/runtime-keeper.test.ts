// `runtime.json` over the life of a worker. spec: daemon-and-cli 1.7, 3.13, D-18, D-29
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { silentLogger, systemClock } from '@puffo/base';
import { waitFor } from '@puffo/testbed';
import { createRuntimeKeeper } from '../../src/worker/create-runtime-keeper.ts';
import type { RuntimeKeeper } from '../../src/worker/runtime-keeper.ts';
import type { TemporaryHome } from '../kit/temporary-home.ts';
import { makeHomeOf, readRecord, waitForRecord } from './kit.ts';

function openKeeper({ home }: TemporaryHome, logger = silentLogger): RuntimeKeeper {
  return createRuntimeKeeper({ agent: home.agent('x'), clock: systemClock, heartbeatMs: () => 20, logger });
}

describe('createRuntimeKeeper', () => {
  it('takes the place of what an earlier run left', async () => {
    await using temporary = await makeHomeOf('x');
    await writeFile(temporary.home.agent('x').runtimeFile, '{"status": "running", "msg_count": 9, "error": "old"}');
    await using _keeper = openKeeper(temporary);
    const record = await waitForRecord(temporary, 'x', ({ error }) => error === '');
    expect(record).toMatchObject({ status: 'running', phase: 'starting', msg_count: 0, health: 'unknown' });
  });

  it('writes what was noted, with the names that readers know', async () => {
    await using temporary = await makeHomeOf('x');
    await using keeper = openKeeper(temporary);
    keeper.note({ phase: 'online', connectedAt: 5, msgCount: 1, lastEventAt: 7, health: 'ok' });
    keeper.note({ msgCount: 2, messagesWaiting: 3, messagesFailed: 4, tokensToday: { input: 10, output: 20 } });
    const record = await waitForRecord(temporary, 'x', ({ phase }) => phase === 'online');
    expect(record).toEqual({
      status: 'running',
      started_at: keeper.facts.startedAt,
      updated_at: record['updated_at'],
      msg_count: 2,
      last_event_at: 7,
      error: '',
      health: 'ok',
      phase: 'online',
      connected_at: 5,
      messages_waiting: 3,
      messages_failed: 4,
      tokens_today: { input: 10, output: 20 },
    });
    keeper.note({ status: 'error', error: 'no key', phase: 'backoff', connectedAt: undefined, nextRetryAt: 99 });
    const failed = await waitForRecord(temporary, 'x', ({ status }) => status === 'error');
    expect(failed).toMatchObject({ error: 'no key', phase: 'backoff', next_retry_at: 99 });
    expect(failed).not.toHaveProperty('connected_at');
  });

  it('does not write again what is the same', async () => {
    await using temporary = await makeHomeOf('x');
    await using keeper = openKeeper(temporary);
    await waitForRecord(temporary, 'x', () => true);
    const { runtimeFile } = temporary.home.agent('x');
    const before = await stat(runtimeFile);
    keeper.note({ phase: 'starting', tokensToday: { input: 0, output: 0 } });
    keeper.note({});
    // Another agent's keeper writes a change meanwhile: this one had as much time.
    await using other = await makeHomeOf('x');
    await using busy = openKeeper(other);
    busy.note({ phase: 'online' });
    await waitForRecord(other, 'x', ({ phase }) => phase === 'online');
    expect((await stat(runtimeFile)).ino).toBe(before.ino);
  });

  it('says stopped last, and keeps error and health', async () => {
    await using temporary = await makeHomeOf('x');
    const keeper = openKeeper(temporary);
    keeper.note({ status: 'error', error: 'broken', health: 'auth_failed', phase: 'backoff', nextRetryAt: 9 });
    await keeper[Symbol.asyncDispose]();
    keeper.note({ status: 'running', error: '' });
    await keeper[Symbol.asyncDispose]();
    const record = await readRecord(temporary, 'x');
    expect(record).toMatchObject({ status: 'stopped', error: 'broken', health: 'auth_failed' });
    expect(record).not.toHaveProperty('phase');
    expect(record).not.toHaveProperty('next_retry_at');
  });

  it('never makes the folder of an agent', async () => {
    await using temporary = await makeHomeOf('x');
    const keeper = openKeeper(temporary);
    await waitForRecord(temporary, 'x', () => true);
    await rm(temporary.home.agent('x').folder, { recursive: true });
    keeper.note({ phase: 'online' });
    await keeper[Symbol.asyncDispose]();
    await expect(stat(temporary.home.agent('x').folder)).rejects.toThrow('ENOENT');
  });

  it('goes on after a write that failed, and complains once', async () => {
    await using temporary = await makeHomeOf('x');
    const { runtimeFile } = temporary.home.agent('x');
    await mkdir(runtimeFile);
    const complaints: string[] = [];
    await using _keeper = openKeeper(temporary, { ...silentLogger, warn: (event) => void complaints.push(event) });
    await waitFor(() => complaints.length > 0, 'the complaint');
    await rm(runtimeFile, { recursive: true });
    await waitForRecord(temporary, 'x', ({ status }) => status === 'running');
    expect(complaints).toEqual(['runtime-record-failed']);
  });
});
