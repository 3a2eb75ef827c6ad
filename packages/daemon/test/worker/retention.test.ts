import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@puffo/base';
import { createEnvelopeId, type EnvelopeId } from '@puffo/protocol';
import { waitFor } from '@puffo/testbed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHistoryStore } from '../../src/store/history-store.ts';
import { startForgetKeeper } from '../../src/worker/forget-keeper.ts';
import { forgetOldAttachments } from '../../src/worker/forget-old-attachments.ts';
import { createManualSleep } from '../kit/manual-sleep.ts';
import { createRecordingLogger } from '../kit/recording-logger.ts';
import { arrivalOf, historyOf, idOf, NOW, openStore, type TestStore } from '../store/kit.ts';

const random = seededRandom(9);
const DAY_MS = 24 * 60 * 60 * 1000;

let workspaceDir: string;

beforeEach(async () => {
  workspaceDir = await mkdtemp(join(tmpdir(), 'puffo-retention-'));
});

afterEach(() => rm(workspaceDir, { recursive: true, force: true }));

function inbox(...names: readonly string[]): string {
  return join(workspaceDir, '.puffo', 'inbox', ...names);
}

async function addFile(ageDays: number, name: string = createEnvelopeId(random)): Promise<string> {
  await mkdir(inbox(name), { recursive: true });
  await writeFile(inbox(name, 'plan.txt'), 'Buy seeds');
  const at = new Date(NOW - ageDays * DAY_MS);
  await utimes(inbox(name), at, at);
  return name;
}

describe('files of old messages', () => {
  it('are removed with their folder, and those of younger ones stay', async () => {
    await addFile(40);
    const young = await addFile(5);
    expect(await forgetOldAttachments(workspaceDir, { changedBefore: NOW - 30 * DAY_MS })).toBe(1);
    expect(await readdir(inbox())).toEqual([young]);
  });

  it('are the only ones: what the agent put there itself stays', async () => {
    await addFile(40, 'drafts');
    await writeFile(inbox('list.txt'), 'mine');
    expect(await forgetOldAttachments(workspaceDir, { changedBefore: NOW })).toBe(0);
    expect((await readdir(inbox())).toSorted()).toEqual(['drafts', 'list.txt']);
  });

  it('are not looked for where there are none', async () => {
    expect(await forgetOldAttachments(workspaceDir, { changedBefore: NOW })).toBe(0);
    expect(await forgetOldAttachments(join(workspaceDir, 'missing'), { changedBefore: NOW })).toBe(0);
  });

  it('are not removed behind a link', async () => {
    const elsewhere = join(workspaceDir, 'elsewhere');
    const name = await addFile(40);
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'keep.txt'), 'mine');
    await symlink(elsewhere, inbox(createEnvelopeId(random)));
    await symlink(elsewhere, inbox(name, 'link'));
    await forgetOldAttachments(workspaceDir, { changedBefore: Number.MAX_SAFE_INTEGER });
    expect(await readdir(elsewhere)).toEqual(['keep.txt']);
    await rm(inbox(), { recursive: true });
    await symlink(elsewhere, inbox());
    await mkdir(join(elsewhere, createEnvelopeId(random)));
    const forgetting = forgetOldAttachments(workspaceDir, { changedBefore: Number.MAX_SAFE_INTEGER });
    await expect(forgetting).rejects.toThrow(/is a link or no folder/);
    expect(await readdir(elsewhere)).toHaveLength(2);
  });
});

describe('a daily round of forgetting', () => {
  let kept: TestStore;

  beforeEach(async () => {
    kept = await openStore();
    return () => kept[Symbol.asyncDispose]();
  });

  async function startKeeper(retentionDays: () => number) {
    const history = await openHistoryStore(join(workspaceDir, 'messages.db'), { clock: () => kept.clock.now });
    const time = createManualSleep();
    const logger = createRecordingLogger();
    const { store } = kept;
    const clock = () => kept.clock.now;
    const keeper = startForgetKeeper({
      retentionDays,
      history,
      store,
      workspaceDir,
      clock,
      random,
      logger,
      sleep: time.sleep,
    });
    async function passDay(): Promise<void> {
      await waitFor(() => time.delays.length > 0, 'the keeper to wait');
      time.pass(DAY_MS);
      await waitFor(() => time.delays.includes(DAY_MS), 'the end of the round');
    }
    async function dispose(): Promise<void> {
      await keeper[Symbol.asyncDispose]();
      await history[Symbol.asyncDispose]();
    }
    return { history, logger, passDay, time, [Symbol.asyncDispose]: dispose };
  }

  it('forgets what is older than the operator wants: history, inbox and files', async () => {
    await using keeper = await startKeeper(() => 30);
    const files = await addFile(0);
    await keeper.history.add([historyOf('msg_old')]);
    await kept.store.record([arrivalOf(1, { admission: { kind: 'stored', why: 'own' } })]);
    kept.clock.now += 40 * DAY_MS;
    await keeper.history.add([historyOf('msg_new')]);
    await keeper.passDay();
    expect(await namesIn(keeper.history)).toEqual(['msg_new']);
    expect((await kept.store.find(idOf(1)))?.text).toBe('');
    expect(await readdir(inbox())).not.toContain(files);
    expect(keeper.logger.lines.map(({ fields }) => fields['what'])).toEqual(['history', 'inbox', 'attachments']);
  });

  it('forgets nothing unless the operator wants it, and looks again what they want', async () => {
    let days = 0;
    await using keeper = await startKeeper(() => days);
    await keeper.history.add([historyOf('msg_old')]);
    kept.clock.now += 4000 * DAY_MS;
    await keeper.passDay();
    expect(await namesIn(keeper.history)).toEqual(['msg_old']);
    days = 1;
    await keeper.passDay();
    expect(await namesIn(keeper.history)).toEqual([]);
  });

  it('goes on with the rest, and tomorrow, when one part fails', async () => {
    await using keeper = await startKeeper(() => 30);
    await addFile(0);
    await keeper.history.add([historyOf('msg_old')]);
    kept.clock.now += 40 * DAY_MS;
    await rm(inbox(), { recursive: true });
    await writeFile(inbox(), 'in the way');
    await keeper.passDay();
    expect(await namesIn(keeper.history)).toEqual([]);
    expect(keeper.logger.eventsAt('warn')).toEqual(['forgetting-failed']);
    await rm(inbox());
    const files = await addFile(0);
    await keeper.passDay();
    expect(await readdir(inbox())).not.toContain(files);
  });

  it('does not begin while everything starts, nor with all agents at once', async () => {
    const keepers = [await startKeeper(() => 30), await startKeeper(() => 30)];
    const [first = 0, second = 0] = keepers.map(({ time }) => time.delays[0]);
    expect(Math.min(first, second)).toBeGreaterThanOrEqual(5 * 60_000);
    expect(first).not.toBe(second);
    for (const keeper of keepers) await keeper[Symbol.asyncDispose]();
  });
});

async function namesIn(history: Awaited<ReturnType<typeof openHistoryStore>>): Promise<readonly string[]> {
  const known = await Promise.all(
    ['msg_old', 'msg_new'].map(async (name) => ((await history.find(name as EnvelopeId)) === undefined ? [] : [name])),
  );
  return known.flat();
}
