import { seededRandom, silentLogger } from '@puffo/base';
import { type AttachmentMeta, createBlobId, LIMITS, readMessageContent, sealAttachment } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import { ClientError, type ClientErrorOptions } from '../client-error.ts';
import type { HttpClient } from '../http/http-client.ts';
import { createAttachments } from './create-attachments.ts';

const random = seededRandom(11);
const context = { clock: () => 1e12, random, log: silentLogger };
const bytes = Uint8Array.from({ length: 300 }, (_none, index) => index & 0xff);
const file = { filename: 'plan.txt', mimeType: 'text/plain', bytes };

/** `fail`: what the next calls answer instead. */
function createScene(fail: (Partial<ClientErrorOptions> | undefined)[] = []) {
  const blobs = new Map<string, Uint8Array>();
  const calls: { name: string; query: unknown }[] = [];
  const waits: number[] = [];
  async function call(name: string, given: { params?: { blob_id: string }; query?: unknown; body?: Uint8Array }) {
    calls.push({ name, query: given.query });
    const failure = fail.shift();
    if (failure !== undefined) throw new ClientError('scripted', { code: 'refused', ...failure });
    if (name === 'uploadBlob') {
      const blob_id = createBlobId(random);
      blobs.set(blob_id, given.body ?? new Uint8Array(0));
      return { blob_id };
    }
    return blobs.get(given.params?.blob_id ?? '');
  }
  const http = { serverUrl: 'http://chat.test', call } as unknown as HttpClient;
  const wait = async (delayMs: number) => void waits.push(delayMs);
  return { blobs, calls, waits, attachments: createAttachments({ http, context, wait }) };
}

async function upload(scene: ReturnType<typeof createScene>, uploaded = file): Promise<AttachmentMeta> {
  return { ...(await scene.attachments.uploadFile(uploaded)), form: 'attachment' };
}

describe('a file', () => {
  it('comes back as it went, and lies on the server encrypted, under a name for this upload', async () => {
    const scene = createScene();
    const attachment = await upload(scene);
    expect(await scene.attachments.downloadFile(attachment)).toEqual(bytes);
    const [stored] = scene.blobs.values();
    expect(stored?.length).toBe(bytes.length + 16);
    expect(stored?.subarray(0, 300)).not.toEqual(bytes);
    expect(scene.calls[0]?.query).toEqual({ transaction_id: expect.stringMatching(/^[\w-]{22}$/) });
  });

  it.each([
    ['is too large', { ...file, bytes: new Uint8Array(LIMITS.fileBytes + 1) }, 'file-too-large'],
    ['has a path for a name', { ...file, filename: 'a/b' }, 'invalid-input'],
    ['has no name', { ...file, filename: '' }, 'invalid-input'],
    ['has a NUL in its type', { ...file, mimeType: 'a\0b' }, 'invalid-input'],
  ])('that %s is refused, and none of its message is uploaded', async (_name, wrong, code) => {
    const { attachments, calls } = createScene();
    await expect(attachments.prepareMessage({ text: '', files: [file, wrong] })).rejects.toMatchObject({ code });
    expect(calls).toEqual([]);
  });

  it('is one of ten at most', async () => {
    const { attachments } = createScene();
    const files = Array.from({ length: 11 }, () => file);
    await expect(attachments.prepareMessage({ text: '', files })).rejects.toMatchObject({ code: 'invalid-input' });
    const { contentType, content } = await attachments.prepareMessage({ text: 'ten', files: files.slice(1) });
    const read = readMessageContent(contentType, content);
    expect(read.kind === 'attachments' ? [read.text, read.attachments.length, read.unreadable] : []).toEqual([
      'ten',
      10,
      0,
    ]);
  });

  it('that is not there yet is asked for four times, five seconds apart', async () => {
    const missing = { status: 404, apiCode: 'BLOB_NOT_FOUND' } as const;
    const early = createScene([undefined, missing, missing, missing]);
    expect(await early.attachments.downloadFile(await upload(early))).toEqual(bytes);
    expect(early.waits).toEqual([5000, 5000, 5000]);
    const never = createScene([undefined, missing, missing, missing, missing]);
    await expect(never.attachments.downloadFile(await upload(never))).rejects.toMatchObject({ status: 404 });
    expect(never.calls).toHaveLength(5);
  });

  it('that the server does not give is not asked for again', async () => {
    const scene = createScene([undefined, { status: 403, apiCode: 'FORBIDDEN' }]);
    await expect(scene.attachments.downloadFile(await upload(scene))).rejects.toMatchObject({ status: 403 });
    expect(scene.waits).toEqual([]);
  });

  it('that was changed is damaged', async () => {
    const scene = createScene();
    const attachment = await upload(scene);
    for (const blob of scene.blobs.values()) blob[3] = (blob[3] ?? 0) ^ 1;
    await expect(scene.attachments.downloadFile(attachment)).rejects.toMatchObject({ code: 'file-damaged' });
  });

  it.each([
    ['says so itself', (meta: AttachmentMeta) => ({ ...meta, size: 301 }), 0],
    ['says less than it is', (meta: AttachmentMeta) => ({ ...meta, size: 1 }), 1],
  ])('that is larger than its reader allows is refused, when it %s', async (_name, change, downloads) => {
    const scene = createScene();
    const attachment = change(await upload(scene));
    const allowed = { maxBytes: downloads === 0 ? 300 : 299 };
    const refused = scene.attachments.downloadFile(attachment, allowed);
    await expect(refused).rejects.toMatchObject({ code: 'file-too-large' });
    expect(scene.calls).toHaveLength(1 + downloads);
  });

  it('of an old sender is taken out of its form', async () => {
    const scene = createScene();
    const form = `--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nhello\r\n--b--\r\n`;
    const attachment = await upload(scene, { ...file, bytes: new TextEncoder().encode(form) });
    const found = await scene.attachments.downloadFile({ ...attachment, size: 5 });
    expect(new TextDecoder().decode(found)).toBe('hello');
  });
});

describe('the files of a message', () => {
  it('have one outcome each', async () => {
    const scene = createScene();
    const good = await upload(scene);
    const { ciphertext, ...other } = sealAttachment(file, random);
    scene.blobs.set('blob_x', ciphertext.fill(0));
    const bad: AttachmentMeta = { ...other, blobId: 'blob_x' as never, form: 'attachment' };
    const outcomes = [];
    for await (const found of scene.attachments.downloadFiles([good, bad, good])) outcomes.push(found);
    expect(outcomes.map((found) => (found.kind === 'file' ? found.bytes.length : found.code))).toEqual([
      300,
      'file-damaged',
      300,
    ]);
  });

  it('are no more than a message may have', async () => {
    const scene = createScene();
    const attachment = await upload(scene);
    const outcomes = [];
    const many = Array.from({ length: 11 }, () => attachment);
    for await (const { kind } of scene.attachments.downloadFiles(many)) outcomes.push(kind);
    expect(outcomes).toEqual([...Array.from({ length: 10 }, () => 'file'), 'failed']);
  });

  it('end when nobody wants them any more', async () => {
    const scene = createScene();
    const attachment = await upload(scene);
    const files = scene.attachments.downloadFiles([attachment], { signal: AbortSignal.abort(new Error('enough')) });
    await expect(files[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
  });
});
