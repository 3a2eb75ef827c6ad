// spec: mcp-tools 14.2, 11
import { link, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { LIMITS, readMessageContent } from '@puffo/protocol';
import { waitFor } from '@puffo/testbed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWorkspaceFile } from '../../src/tools/files/read-workspace-file.ts';
import { idIn, startToolWorld, type ToolWorld } from './tool-world.ts';

let world: ToolWorld;
let uploads = 0;

beforeAll(async () => {
  world = await startToolWorld({ speakLimits: [{ count: 10_000, withinMs: 60_000 }] });
  const { attachments } = world.agent.client;
  const { uploadFile } = attachments;
  Object.assign(attachments, {
    uploadFile: (...args: Parameters<typeof uploadFile>) => {
      uploads++;
      return uploadFile(...args);
    },
  });
});

afterAll(() => world[Symbol.asyncDispose]());

async function filesOf(id: string) {
  const message = await waitFor(
    () => world.alice.inbox.messages.find(({ envelopeId }) => envelopeId === id),
    'the message to arrive',
  );
  const content = readMessageContent(message.contentType, message.content);
  if (content.kind !== 'attachments') throw new Error('the message has no files');
  const { text, attachments } = content;
  const bytes = await Promise.all(attachments.map((each) => world.alice.client.attachments.downloadFile(each)));
  return {
    text,
    files: attachments.map(({ filename, mimeType }, at) => ({
      filename,
      mimeType,
      text: new TextDecoder().decode(bytes[at]),
    })),
  };
}

function upload(paths: unknown, changes: Record<string, string> = {}) {
  return world.call('upload_file', { paths, channel: world.channel.channelId, ...changes } as never);
}

describe('upload_file', () => {
  test('14.27 sends three files as one message, in order, with the caption as its text', async () => {
    await world.write('a.txt', 'one');
    await world.write('out/b.md', 'two');
    await world.write('c.bin', '');
    const { text } = await upload(['a.txt', 'out/b.md', 'c.bin'], { caption: 'here' });
    const id = idIn(text);
    expect(text.split('\n')).toEqual([
      `uploaded 3 file(s) [a.txt, b.md, c.bin] (6 bytes total) to plans (${world.channel.channelId}) (envelope_id ${id})`,
      '- a.txt (text/plain, 3 bytes)',
      '- b.md (text/markdown, 3 bytes)',
      '- c.bin (application/octet-stream, 0 bytes)',
    ]);
    expect(await filesOf(id)).toEqual({
      text: 'here',
      files: [
        { filename: 'a.txt', mimeType: 'text/plain', text: 'one' },
        { filename: 'b.md', mimeType: 'text/markdown', text: 'two' },
        { filename: 'c.bin', mimeType: 'application/octet-stream', text: '' },
      ],
    });
  });

  test('14.14 takes paths as JSON in a text, or one path as a text', async () => {
    expect((await upload('["a.txt"]')).text).toContain('uploaded 1 file(s) [a.txt]');
    expect((await upload('a.txt')).text).toContain('uploaded 1 file(s) [a.txt]');
  });

  test('takes absolute paths of the workspace, and files of the shared folder', async () => {
    await writeFile(join(world.sharedDir, 'ours.txt'), 'shared');
    const { text } = await upload([join(world.workspaceDir, 'a.txt'), 'shared/ours.txt']);
    expect(text).toContain('uploaded 2 file(s) [a.txt, ours.txt]');
  });

  test('14.28 with one bad path, or a wrong channel, uploads nothing and names the problem', async () => {
    const before = uploads;
    const bad = await upload(['a.txt', 'b.txt', 'out/b.md']);
    expect(bad).toEqual({
      text: "Cannot send these files, and nothing was uploaded:\n- 'b.txt' does not exist",
      isError: true,
    });
    const wrong = await upload(['a.txt'], { channel: 'ch_00000000-0000-4000-8000-000000000000' });
    expect(wrong.text).toContain('Cannot find channel');
    expect(uploads).toBe(before);
  });

  test('a path that is missing names files that are similar', async () => {
    await world.write('docs/report-final.md', 'x');
    expect((await upload(['docs/report.md'])).text).toContain("does not exist; there is 'report-final.md'");
  });

  test('14.30 two files of one name arrive under different names', async () => {
    await world.write('out/a.txt', 'other');
    const id = idIn((await upload(['a.txt', 'out/a.txt'])).text);
    expect((await filesOf(id)).files.map(({ filename }) => filename)).toEqual(['a.txt', 'a-2.txt']);
  });
});

describe('14.29 upload_file refuses', () => {
  async function refuse(path: string): Promise<string> {
    const before = uploads;
    const { text, isError } = await upload([path]);
    expect([isError, uploads]).toEqual([true, before]);
    return text;
  }

  test('eleven files', async () => {
    const { text } = await upload(Array.from({ length: 11 }, () => 'a.txt'));
    expect(text).toBe('Cannot call upload_file: `paths` has 11 entries, and has to have 1 to 10');
  });

  test.each(['../x', 'out/../../x', 'out/../a.txt', '/etc/hosts', '/etc/../etc/hosts', '..', '.', 'a.txt\0.png', ''])(
    'the path %j',
    async (path) => {
      expect(await refuse(path)).toContain('nothing was uploaded');
    },
  );

  test('a folder', async () => {
    expect(await refuse('out')).toContain('is a folder');
  });

  test('links that lead out of the workspace, also through a folder', async () => {
    await symlink('/etc/hosts', join(world.workspaceDir, 'hosts.txt'));
    await symlink('/etc', join(world.workspaceDir, 'etc'));
    expect(await refuse('hosts.txt')).toContain('leads out of the workspace');
    expect(await refuse('etc/hosts')).toContain('leads out of the workspace');
  });

  test('a link to the keys of the agent', async () => {
    await writeFile(join(world.paths.keysFolder, 'own.json'), 'secret');
    await symlink(world.paths.keysFolder, join(world.workspaceDir, 'harmless'));
    expect(await refuse('harmless/own.json')).toContain('leads out of the workspace');
  });

  test.each(['.puffo-agent/audit.log', '.claude/settings.json', '.codex/config.toml', '.Gemini/x', '.mcp.json'])(
    'what the daemon manages: %s',
    async (path) => {
      await world.write(path, 'token');
      expect(await refuse(path)).toContain('is managed by the daemon');
    },
  );

  test('a link inside of the workspace to what the daemon manages', async () => {
    await symlink('.puffo-agent/audit.log', join(world.workspaceDir, 'log.txt'));
    expect(await refuse('log.txt')).toContain('is managed by the daemon');
  });

  test('a pipe, without waiting for somebody to write into it', async () => {
    await promisify(execFile)('mkfifo', [join(world.workspaceDir, 'pipe')]);
    expect(await refuse('pipe')).toContain('is no file');
  });

  test('a socket', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(join(world.workspaceDir, 's'), resolve);
    });
    try {
      expect(await refuse('s')).toContain('cannot be opened');
    } finally {
      server.close();
    }
  });

  test('a file of one byte too much; the largest one that may be is taken', async () => {
    await world.write('large.bin', new Uint8Array(LIMITS.fileBytes + 1));
    expect(await refuse('large.bin')).toContain('at most 8 MiB can be sent');
    await world.write('fits.bin', new Uint8Array(LIMITS.fileBytes));
    expect((await upload(['fits.bin'])).isError).toBe(false);
  });

  test('a file that is exchanged for a link while it is opened', async () => {
    const outcomes = new Set<string>();
    const target = join(world.workspaceDir, 'swapped.txt');
    const outside = join(world.paths.folder, 'outside.txt');
    await writeFile(outside, 'outside');
    let isSwapping = true;
    const swapping = (async () => {
      while (isSwapping) {
        await writeFile(`${target}.new`, 'inside');
        await rename(`${target}.new`, target);
        await symlink(outside, `${target}.link`);
        await rename(`${target}.link`, target);
      }
    })();
    for (let round = 0; round < 200; round++) {
      const reading = await readWorkspaceFile('swapped.txt', world.parts);
      outcomes.add(reading.kind === 'file' ? new TextDecoder().decode(reading.file.bytes) : 'refused');
    }
    isSwapping = false;
    await swapping;
    await rm(target, { force: true });
    expect(outcomes).not.toContain('outside');
  });
});

test('a second name of a file of the agent itself may be sent', async () => {
  await link(await world.write('original.txt', 'mine'), join(world.workspaceDir, 'second.txt'));
  expect((await upload(['second.txt'])).isError).toBe(false);
});

test('files whose paths are managed in a workspace that is the folder of the agent stay where they are', async () => {
  const parts = { ...world.parts, workspaceDir: world.paths.folder };
  await mkdir(world.paths.keysFolder, { recursive: true });
  await writeFile(join(world.paths.keysFolder, 'k.json'), 'secret');
  const names = ['keys/k.json', 'puffo-agent.db', 'messages.db', 'puffo-agent.db-wal'];
  const kinds = await Promise.all(names.map(async (name) => (await readWorkspaceFile(name, parts)).kind));
  expect(kinds).toEqual(['refused', 'refused', 'refused', 'refused']);
});
