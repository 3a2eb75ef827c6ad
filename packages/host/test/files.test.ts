import { spawnSync } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  createPrivateFiles,
  HostError,
  makePrivateFolder,
  readPrivateFile,
  writeFileAtomically,
  writePrivateFile,
} from '@puffo/host';
import { makeTemporaryFolder } from './kit/temporary-folder.ts';

const onPosix = process.platform !== 'win32';
const isRoot = process.getuid?.() === 0;

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

const WRITERS = [
  ['private', writePrivateFile],
  ['ordinary', writeFileAtomically],
] as const;

describe.each(WRITERS)('a %s file', (_, write) => {
  test('holds what was written last, text or bytes, and nothing else is left in its folder', async () => {
    await using folder = await makeTemporaryFolder();
    const path = folder.in('a.json');
    await write(path, 'first, and longer');
    await write(path, 'grüß');
    expect(await readFile(path, 'utf8')).toBe('grüß');
    await write(path, Uint8Array.of(1, 2, 3));
    expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    expect(await readdir(folder.path)).toEqual(['a.json']);
  });

  test('is seen whole by readers while writers replace it', async () => {
    await using folder = await makeTemporaryFolder();
    const path = folder.in('a.json');
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000));
    await write(path, texts[0] ?? '');
    const writing = Promise.all(texts.map((text) => write(path, text)));
    let isWriting = true;
    void writing.finally(() => {
      isWriting = false;
    });
    while (isWriting) expect(texts).toContain(await readFile(path, 'utf8'));
    await writing;
    expect(await readdir(folder.path)).toEqual(['a.json']);
  });

  test('that cannot be put in place says so, and leaves no temporary file', async () => {
    await using folder = await makeTemporaryFolder();
    await mkdir(folder.in('taken'));
    await expect(write(folder.in('taken'), 'x')).rejects.toMatchObject({
      code: 'not-a-file',
      message: expect.stringContaining(folder.in('taken')),
    });
    await expect(write(folder.in('missing', 'a.json'), 'x')).rejects.toMatchObject({
      name: 'HostError',
      code: 'unwritable',
      message: expect.stringContaining('check that its folder exists'),
    });
    await writeFile(folder.in('file'), '');
    await expect(write(folder.in('file', 'a.json'), 'x')).rejects.toMatchObject({ code: 'unwritable' });
    expect(await readdir(folder.path)).toEqual(['file', 'taken']);
  });

  test.runIf(onPosix)('that fails while its content is written leaves the old one and no temporary file', async () => {
    await using folder = await makeTemporaryFolder();
    const path = folder.in('a.json');
    await write(path, 'old');
    // A limit on the size of files stands in for a full disk.
    const code = `
      import { ${write.name} as write } from '@puffo/host';
      process.on('SIGXFSZ', () => undefined);
      await write(process.argv[1], 'x'.repeat(200000)).catch((error) => process.stdout.write(error.code));
    `;
    const script = `ulimit -f 64; exec "$0" --input-type=module -e "$1" "$2"`;
    const { stdout } = spawnSync('sh', ['-c', script, process.execPath, code, path], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    });
    expect(stdout).toBe('unwritable');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder.path)).toEqual(['a.json']);
  });
});

describe.runIf(onPosix)('permissions', () => {
  test.each([0o644, 0o666, 0o600, 0o400])('a private file is 0600, also after one that was %o', async (mode) => {
    await using folder = await makeTemporaryFolder();
    const path = folder.in('a.json');
    await writePrivateFile(path, 'new');
    expect(await modeOf(path)).toBe(0o600);
    await chmod(path, mode);
    await writePrivateFile(path, 'newer');
    expect(await modeOf(path)).toBe(0o600);
  });

  test.each([0o640, 0o600, 0o755])('an ordinary file keeps %o', async (mode) => {
    await using folder = await makeTemporaryFolder();
    const path = folder.in('a.yml');
    await writeFileAtomically(path, 'old');
    await chmod(path, mode);
    await writeFileAtomically(path, 'new');
    expect(await modeOf(path)).toBe(mode);
  });

  test.each([
    [0o600, false],
    [0o400, false],
    [0o644, true],
    [0o660, true],
    [0o604, true],
  ])(
    'a private file that is %o when it is read: was exposed is %s, and it is not any more',
    async (mode, wasExposed) => {
      await using folder = await makeTemporaryFolder();
      const path = folder.in('a.json');
      await writeFile(path, 'secret');
      await chmod(path, mode);
      expect(await readPrivateFile(path, { maxBytes: 100 })).toEqual({ text: 'secret', wasExposed });
      expect(await modeOf(path)).toBe(wasExposed ? 0o600 : mode);
      expect(await readPrivateFile(path, { maxBytes: 100 })).toEqual({ text: 'secret', wasExposed: false });
    },
  );

  test('a private folder is made with all above it, and an open one is repaired and reported', async () => {
    await using folder = await makeTemporaryFolder();
    expect(await makePrivateFolder(folder.in('a', 'b'))).toEqual({ wasExposed: false });
    expect([await modeOf(folder.in('a')), await modeOf(folder.in('a', 'b'))]).toEqual([0o700, 0o700]);
    await chmod(folder.in('a'), 0o755);
    expect(await makePrivateFolder(folder.in('a'))).toEqual({ wasExposed: true });
    expect(await modeOf(folder.in('a'))).toBe(0o700);
  });

  test('a folder that is shared on purpose stays as it is', async () => {
    await using folder = await makeTemporaryFolder();
    await mkdir(folder.in('shared'));
    await chmod(folder.in('shared'), 0o1777);
    expect(await makePrivateFolder(folder.in('shared'))).toEqual({ wasExposed: true });
    expect(await modeOf(folder.in('shared'))).toBe(0o777);
  });

  test('a file that may not be read says what to check', async ({ skip }) => {
    skip(isRoot, 'root may read everything');
    await using folder = await makeTemporaryFolder();
    await writePrivateFile(folder.in('a.json'), 'secret');
    await chmod(folder.in('a.json'), 0);
    await expect(readPrivateFile(folder.in('a.json'), { maxBytes: 100 })).rejects.toMatchObject({ code: 'unreadable' });
  });
});

describe.runIf(onPosix)('links', () => {
  test('a private file is not written where a link stands, and neither the link nor its target changes', async () => {
    await using folder = await makeTemporaryFolder();
    await writeFile(folder.in('elsewhere'), 'theirs');
    for (const target of ['elsewhere', 'nowhere']) {
      const link = folder.in(`to-${target}`);
      await symlink(folder.in(target), link);
      await expect(writePrivateFile(link, 'secret')).rejects.toMatchObject({
        code: 'symbolic-link',
        message: expect.stringContaining('put the file itself in its place'),
      });
      expect((await lstat(link)).isSymbolicLink()).toBe(true);
    }
    expect(await readFile(folder.in('elsewhere'), 'utf8')).toBe('theirs');
    expect(await readdir(folder.path)).toEqual(['elsewhere', 'to-elsewhere', 'to-nowhere']);
  });

  test('an ordinary file takes the place of a link, and its target stays as it was', async () => {
    await using folder = await makeTemporaryFolder();
    await writeFile(folder.in('elsewhere'), 'theirs');
    await symlink(folder.in('elsewhere'), folder.in('link'));
    await writeFileAtomically(folder.in('link'), 'ours');
    expect((await lstat(folder.in('link'))).isFile()).toBe(true);
    expect(await readFile(folder.in('elsewhere'), 'utf8')).toBe('theirs');
  });

  test('a private file is read through a link, and what the link leads to stays as it is', async () => {
    await using folder = await makeTemporaryFolder();
    await writeFile(folder.in('elsewhere'), 'secret', { mode: 0o644 });
    await symlink(folder.in('elsewhere'), folder.in('link'));
    expect(await readPrivateFile(folder.in('link'), { maxBytes: 100 })).toEqual({ text: 'secret', wasExposed: true });
    expect(await modeOf(folder.in('elsewhere'))).toBe(0o644);
  });

  test('a file that a person named stays as it is', async () => {
    await using folder = await makeTemporaryFolder();
    const path = folder.in('theirs');
    await writeFile(path, 'text', { mode: 0o644 });
    const file = await readPrivateFile(path, { maxBytes: 100, isForeign: true });
    expect([file, await modeOf(path)]).toEqual([{ text: 'text', wasExposed: true }, 0o644]);
  });
});

describe('reading a private file', () => {
  test('says that there is none', async () => {
    await using folder = await makeTemporaryFolder();
    expect(await readPrivateFile(folder.in('none'), { maxBytes: 100 })).toBeUndefined();
  });

  test('takes as many bytes as allowed, and not one more', async () => {
    await using folder = await makeTemporaryFolder();
    await writePrivateFile(folder.in('a'), 'x'.repeat(100));
    expect((await readPrivateFile(folder.in('a'), { maxBytes: 100 }))?.text).toHaveLength(100);
    await expect(readPrivateFile(folder.in('a'), { maxBytes: 99 })).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringMatching(/more than 99 bytes.*move it away/),
    });
  });

  test('refuses what is no text, a folder and a pipe that nobody writes to', async () => {
    await using folder = await makeTemporaryFolder();
    await writePrivateFile(folder.in('binary'), Uint8Array.of(0xff, 0xfe));
    await expect(readPrivateFile(folder.in('binary'), { maxBytes: 100 })).rejects.toMatchObject({ code: 'not-text' });
    await mkdir(folder.in('folder'));
    await expect(readPrivateFile(folder.in('folder'), { maxBytes: 100 })).rejects.toThrow(HostError);
    if (!onPosix) return;
    spawnSync('sh', ['-c', 'mkfifo "$0"', folder.in('pipe')]);
    await expect(readPrivateFile(folder.in('pipe'), { maxBytes: 100 })).rejects.toMatchObject({ code: 'not-a-file' });
    await expect(writePrivateFile(folder.in('pipe'), 'x')).rejects.toMatchObject({ code: 'not-a-file' });
  });
});

test('a folder cannot be made where a file stands', async () => {
  await using folder = await makeTemporaryFolder();
  await writeFile(folder.in('file'), '');
  for (const path of [folder.in('file'), folder.in('file', 'below')]) {
    await expect(makePrivateFolder(path)).rejects.toMatchObject({ code: 'not-a-folder' });
  }
});

describe('the private files of a folder', () => {
  test('are written, listed, read and removed by name; a missing folder has none', async () => {
    await using folder = await makeTemporaryFolder();
    const files = createPrivateFiles(folder.in('keys'), { maxBytes: 100 });
    expect(await files.list()).toEqual([]);
    await files.remove('a.json');
    await files.write('a.json', 'secret');
    await mkdir(folder.in('keys', 'folder.json'));
    expect(await files.list()).toEqual(['a.json']);
    expect(await files.read('a.json')).toEqual({ text: 'secret', wasExposed: false });
    await files.remove('a.json');
    expect(await files.read('a.json')).toBeUndefined();
    if (onPosix) expect(await modeOf(folder.in('keys'))).toBe(0o700);
  });

  test('are locked by name, also before there is a folder', async () => {
    await using folder = await makeTemporaryFolder();
    const files = createPrivateFiles(folder.in('keys'), { maxBytes: 100 });
    const order: string[] = [];
    let waiting: Promise<void> | undefined;
    await files.lock('a', async () => {
      waiting = files.lock('a', async () => void order.push('second'));
      await files.lock('b', async () => void order.push('other'));
      order.push('first');
    });
    await waiting;
    expect(order).toEqual(['other', 'first', 'second']);
  });
});
