import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { withFileLock } from '@puffo/host';
import { makeTemporaryFolder } from './kit/temporary-folder.ts';

const CHILD = fileURLToPath(new URL('kit/lock-child.mjs', import.meta.url));
/** No process has it: it is above what systems give. */
const NO_PID = 2 ** 30;

function startChild(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function endOf(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, 'exit');
  return code;
}

describe('a file lock', () => {
  test('lets processes in one at a time', async () => {
    await using folder = await makeTemporaryFolder();
    await writeFile(folder.in('counter'), '0');
    const children = Array.from({ length: 4 }, () => startChild('count', folder.path, '30'));
    expect(await Promise.all(children.map(endOf))).toEqual([0, 0, 0, 0]);
    expect(await readFile(folder.in('counter'), 'utf8')).toBe('120');
    expect(await readdir(folder.path)).toEqual(['counter']);
  });

  test('lets callers of one process in one at a time, and passes on what they return or throw', async () => {
    await using folder = await makeTemporaryFolder();
    let inside = 0;
    let most = 0;
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        withFileLock(folder.in('lock'), async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside--;
          if (index === 3) throw new Error('on purpose');
          return index;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(results[4]).toEqual({ status: 'fulfilled', value: 4 });
    expect(results[3]).toMatchObject({ status: 'rejected', reason: { message: 'on purpose' } });
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('goes on when a process was killed inside, and many find its file at once', async () => {
    await using folder = await makeTemporaryFolder();
    await writeFile(folder.in('counter'), '0');
    const holder = startChild('hold', folder.path);
    await once(holder.stdout!, 'data');
    const children = Array.from({ length: 3 }, () => startChild('count', folder.path, '10'));
    holder.kill('SIGKILL');
    expect(await Promise.all(children.map(endOf))).toEqual([0, 0, 0]);
    expect(await readFile(folder.in('counter'), 'utf8')).toBe('30');
    expect(await readdir(folder.path)).toEqual(['counter']);
  });

  test('goes on when a process died while it removed the file of another that died', async () => {
    await using folder = await makeTemporaryFolder();
    await leaveLock(folder.in('lock'), { pid: NO_PID, host: hostname(), id: 'dead' });
    await leaveLock(folder.in('lock.dead'), { pid: NO_PID, host: hostname(), id: 'too' });
    expect(await withFileLock(folder.in('lock'), () => Promise.resolve('inside'))).toBe('inside');
    expect(await readdir(folder.path)).toEqual([]);
  });

  test.each([
    ['of a process id that was given again', { pid: process.pid, host: hostname(), id: 'recycled' }],
    ['of another machine', { pid: NO_PID, host: `not-${hostname()}`, id: 'elsewhere' }],
    ['without any holder', {}],
    ['whose id would lead elsewhere', { pid: process.pid, host: hostname(), id: '../x' }],
  ])('left over %s is respected at first, and passed over when nobody refreshes it', async (_, content) => {
    await using folder = await makeTemporaryFolder();
    await leaveLock(folder.in('lock'), content);
    const waiting = withFileLock(folder.in('lock'), () => Promise.resolve('inside'), { waitMs: 60 });
    await expect(waiting).rejects.toMatchObject({ code: 'locked', retryable: true });
    const patient = { waitMs: 30_000, abandonedMs: 100 };
    expect(await withFileLock(folder.in('lock'), () => Promise.resolve('inside'), patient)).toBe('inside');
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('is not taken from somebody who is alive, however long it takes; who waits is told who holds it', async () => {
    await using folder = await makeTemporaryFolder();
    const options = { waitMs: 2500, abandonedMs: 1000 };
    await withFileLock(
      folder.in('lock'),
      async () => {
        const waiting = withFileLock(folder.in('lock'), () => Promise.resolve('inside'), options);
        await expect(waiting).rejects.toMatchObject({
          code: 'locked',
          message: expect.stringContaining(`process ${process.pid} holds ${folder.in('lock')}`),
        });
      },
      options,
    );
  });

  test('is not waited for when the caller calls it off', async () => {
    await using folder = await makeTemporaryFolder();
    await withFileLock(folder.in('lock'), async () => {
      const controller = new AbortController();
      const waiting = withFileLock(folder.in('lock'), () => Promise.resolve(), { signal: controller.signal });
      controller.abort(new Error('called off'));
      await expect(waiting).rejects.toThrow('called off');
    });
  });

  test('needs a folder, and says what is wrong without one', async () => {
    await using folder = await makeTemporaryFolder();
    const path = folder.in('missing', 'lock');
    await expect(withFileLock(path, () => Promise.resolve())).rejects.toMatchObject({ code: 'unwritable' });
    await mkdir(folder.in('lock'));
    await expect(withFileLock(folder.in('lock'), () => Promise.resolve())).rejects.toMatchObject({
      code: 'unreadable',
    });
  });
});

async function leaveLock(path: string, content: object): Promise<void> {
  await writeFile(path, JSON.stringify(content));
}
