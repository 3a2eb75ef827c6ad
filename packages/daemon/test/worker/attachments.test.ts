import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeUtf8, seededRandom, silentLogger, systemClock } from '@puffo/base';
import { type Attachments, ClientError, createAttachments, type FileToUpload, type HttpClient } from '@puffo/client';
import {
  type AttachmentMeta,
  createBlobId,
  createEnvelopeId,
  type EnvelopeId,
  LIMITS,
  readMessageContent,
} from '@puffo/protocol';
import { startTestNetwork, type TestNetwork, type TestUser } from '@puffo/testbed';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attachmentNames } from '../../src/worker/attachment-names.ts';
import { saveAttachments, type SaveAttachmentsOptions } from '../../src/worker/save-attachments.ts';

const random = seededRandom(5);
const PLAN: FileToUpload = { filename: 'plan.txt', mimeType: 'text/plain', bytes: encodeUtf8('Buy seeds') };

describe('files of a message', () => {
  let network: TestNetwork;
  let alice: TestUser;
  let agent: TestUser;
  let folder: string;
  let workspaceDir: string;
  let messageId: EnvelopeId;

  beforeAll(async () => {
    network = await startTestNetwork();
    alice = await network.signUp('alice');
    agent = await alice.registerAgent('helper');
  });

  afterAll(() => network[Symbol.asyncDispose]());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'puffo-attachments-'));
    workspaceDir = join(folder, 'workspace');
    messageId = createEnvelopeId(random);
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** As the agent reads them from the message. */
  async function send(...files: readonly FileToUpload[]): Promise<readonly AttachmentMeta[]> {
    const { contentType, content } = await alice.client.attachments.prepareMessage({ text: '', files });
    const read = readMessageContent(contentType, content);
    if (read.kind !== 'attachments') throw new Error('the message has no files');
    return read.attachments;
  }

  function save(files: readonly AttachmentMeta[], changes: Partial<SaveAttachmentsOptions> = {}) {
    const { signal } = new AbortController();
    const { attachments } = agent.client;
    return saveAttachments(files, { attachments, workspaceDir, messageId, signal, logger: silentLogger, ...changes });
  }

  function inboxPath(...names: readonly string[]): string {
    return join(workspaceDir, '.puffo', 'inbox', messageId, ...names);
  }

  it('are decrypted into the folder of their message, for the user of the agent only', async () => {
    const image = { filename: 'photo.png', mimeType: 'image/png', bytes: random.bytes(70_000) };
    const result = await save(await send(PLAN, image));
    const path = `.puffo/inbox/${messageId}`;
    expect(result).toEqual({
      saved: [
        { path: `${path}/plan.txt`, name: 'plan.txt', mimeType: 'text/plain', bytes: 9 },
        { path: `${path}/photo.png`, name: 'photo.png', mimeType: 'image/png', bytes: 70_000 },
      ],
      failed: [],
    });
    expect(await readFile(join(workspaceDir, result.saved[0]!.path), 'utf8')).toBe('Buy seeds');
    expect(await readFile(inboxPath('photo.png'))).toEqual(Buffer.from(image.bytes));
    expect((await stat(inboxPath('plan.txt'))).mode & 0o077).toBe(0);
    expect((await stat(inboxPath())).mode & 0o077).toBe(0);
  });

  it('are not fetched again when they are there', async () => {
    const files = await send(PLAN, { ...PLAN, filename: 'other.txt' });
    await save(files);
    const before = await lstat(inboxPath('plan.txt'));
    await rm(inboxPath('other.txt'));
    const fetched: string[] = [];
    const attachments: Pick<Attachments, 'downloadFile'> = {
      downloadFile(file, options) {
        fetched.push(file.filename);
        return agent.client.attachments.downloadFile(file, options);
      },
    };
    const { saved } = await save(files, { attachments });
    expect(saved.map(({ name }) => name)).toEqual(['plan.txt', 'other.txt']);
    expect(fetched).toEqual(['other.txt']);
    expect((await lstat(inboxPath('plan.txt'))).mtimeMs).toBe(before.mtimeMs);
  });

  it('are fetched again when what is there was cut off', async () => {
    const files = await send(PLAN);
    await mkdir(inboxPath(), { recursive: true });
    await writeFile(inboxPath('plan.txt'), 'Buy');
    await save(files);
    expect(await readFile(inboxPath('plan.txt'), 'utf8')).toBe('Buy seeds');
    expect(await readdir(inboxPath())).toEqual(['plan.txt']);
  });

  it('are waited for while the server does not have them yet', async () => {
    const files = await send(PLAN);
    const waits: number[] = [];
    const attachments = withMisses(agent, { misses: 3, waits });
    expect(await save(files, { attachments })).toMatchObject({ saved: [{ name: 'plan.txt' }], failed: [] });
    expect(waits).toEqual([5000, 5000, 5000]);
  });

  it('are left out and named when they cannot be had, and the others are saved', async () => {
    const [gone, damaged, large, fine] = await send(
      { ...PLAN, filename: 'gone.txt' },
      { ...PLAN, filename: 'damaged.txt' },
      { ...PLAN, filename: 'large.txt' },
      PLAN,
    );
    const files: readonly AttachmentMeta[] = [
      { ...gone!, blobId: createBlobId(random) },
      { ...damaged!, mimeType: 'text/html' },
      { ...large!, size: LIMITS.fileBytes + 1 },
      fine!,
    ];
    const { saved, failed } = await save(files, { attachments: withMisses(agent, { misses: 0, waits: [] }) });
    expect(saved.map(({ name }) => name)).toEqual(['plan.txt']);
    expect(failed).toEqual([
      { name: 'gone.txt', reason: 'the server does not have it' },
      { name: 'damaged.txt', reason: 'it is damaged' },
      { name: 'large.txt', reason: 'it is too large' },
    ]);
    expect(await readdir(inboxPath())).toEqual(['plan.txt']);
  });

  it('are taken only as far as they fit together, and no more than ten', async () => {
    const [file] = await send(PLAN);
    const attachments = { downloadFile: ({ size }: AttachmentMeta) => Promise.resolve(new Uint8Array(size)) };
    const files = Array.from({ length: 12 }, (_, index) => ({
      ...file!,
      filename: `${index}`,
      size: index < 5 ? LIMITS.fileBytes : 0,
    }));
    const { saved, failed } = await save(files, { attachments });
    expect(saved.map(({ name }) => name)).toEqual(['0', '1', '2', '3', '5', '6', '7', '8', '9']);
    expect(failed).toEqual([
      { name: '4', reason: 'the files of this message are too large together' },
      { name: '10', reason: 'the message has more than 10 files' },
      { name: '11', reason: 'the message has more than 10 files' },
    ]);
  });

  it.each([
    ['.puffo', []],
    ['inbox', ['.puffo']],
    ['the folder of the message', ['.puffo', 'inbox']],
  ])('are not written through a link in the place of %s', async (name, above) => {
    const elsewhere = join(folder, 'elsewhere');
    const parent = join(workspaceDir, ...above);
    await mkdir(elsewhere);
    await mkdir(parent, { recursive: true });
    await symlink(elsewhere, join(parent, above.length === 2 ? messageId : name));
    const { saved, failed } = await save(await send(PLAN));
    expect({ saved, failed }).toEqual({
      saved: [],
      failed: [{ name: 'plan.txt', reason: 'its folder in the workspace cannot be used' }],
    });
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('are not written through a link that appears while they are fetched', async () => {
    const files = await send(PLAN);
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    const attachments: Pick<Attachments, 'downloadFile'> = {
      async downloadFile(file, options) {
        const bytes = await agent.client.attachments.downloadFile(file, options);
        await rm(inboxPath(), { recursive: true });
        await symlink(elsewhere, inboxPath());
        return bytes;
      },
    };
    expect((await save(files, { attachments })).failed).toHaveLength(1);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('are not written through a link in the place of a file', async () => {
    const secret = join(folder, 'secret.txt');
    await writeFile(secret, 'mine');
    await mkdir(inboxPath(), { recursive: true });
    await symlink(secret, inboxPath('plan.txt'));
    const { failed } = await save(await send(PLAN));
    expect(failed).toEqual([{ name: 'plan.txt', reason: 'it cannot be written into the workspace' }]);
    expect(await readFile(secret, 'utf8')).toBe('mine');
  });

  it('are not waited for any longer when the agent stops', async () => {
    const controller = new AbortController();
    const files = await send(PLAN);
    const attachments: Pick<Attachments, 'downloadFile'> = {
      downloadFile(file, options) {
        controller.abort(new Error('Stopped'));
        return agent.client.attachments.downloadFile(file, options);
      },
    };
    const saving = save(files, { attachments, signal: controller.signal });
    await expect(saving).rejects.toMatchObject({ code: 'aborted' });
    expect(await readdir(inboxPath())).toEqual([]);
  });
});

describe('names of files', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['Übersicht 2026 (neu).xlsx', 'Übersicht 2026 (neu).xlsx'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\note.txt', 'note.txt'],
    ['.bashrc', 'bashrc'],
    ['...', 'blob_x'],
    ['..', 'blob_x'],
    ['', 'blob_x'],
    ['folder/', 'blob_x'],
    ['a\u0000b\nc\u001b[31m.txt', 'abc[31m.txt'],
    ['gpj.\u202eexe', 'gpj.exe'],
    ['what?.t<x>t', 'what_.t_x_t'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['console.log', 'console.log'],
    ['trailing. . ', 'trailing'],
  ])('%j becomes %j', (filename, expected) => {
    expect(attachmentNames([metaOf(filename)])).toEqual([expected]);
  });

  it('are told apart where case or writing does not count', () => {
    const names = ['a.txt', 'A.TXT', 'a-2.txt', 'x/a.txt', 'e\u0301', '\u00e9'];
    expect(attachmentNames(names.map(metaOf))).toEqual(['a.txt', 'A-2.TXT', 'a-2-2.txt', 'a-3.txt', 'é', 'é-2']);
  });

  it('are cut so that file systems take them, and keep their extension', () => {
    const [name] = attachmentNames([metaOf(`${'ü'.repeat(400)}.tar.gz`)]);
    expect(encodeUtf8(name!).length).toBeLessThanOrEqual(150);
    expect(name).toMatch(/^ü+\.gz$/);
  });
});

function metaOf(filename: string): AttachmentMeta {
  const blobId = 'blob_x' as AttachmentMeta['blobId'];
  return { form: 'attachment', blobId, filename, mimeType: '', size: 1, key: '', nonce: '' };
}

/** The server does not have the first so many; time passes at once. */
function withMisses(
  { client }: TestUser,
  { misses, waits }: { readonly misses: number; readonly waits: number[] },
): Attachments {
  let left = misses;
  const call: HttpClient['call'] = (name, options) => {
    if (left-- <= 0) return client.http.call(name, options);
    return Promise.reject(new ClientError('Not there yet', { code: 'refused', status: 404 }));
  };
  const context = { clock: systemClock, random, log: silentLogger };
  async function wait(delayMs: number): Promise<void> {
    waits.push(delayMs);
  }
  return createAttachments({ http: { ...client.http, call }, context, wait });
}
