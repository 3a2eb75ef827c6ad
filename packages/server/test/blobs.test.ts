// Blobs through HTTP, and both stores under them. spec: wire-protocol 9.25, 9.26, 14.7
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBlobId, isBlobId, LIMITS } from '@puffo/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBlobStore } from '../src/blobs/open-blob-store.ts';
import type { BlobStoreSettings } from '../src/config/settings.ts';
import { type FakeS3, startFakeS3 } from './kit/fake-s3.ts';
import { random, signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

describe.each(DIALECTS)('blobs on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;
  let bob: TestPerson;

  beforeAll(async () => {
    server = await startTestServer({ dialect });
    alice = await signUp(server, 'alice');
    bob = await signUp(server, 'bob');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('what was uploaded is readable at once, by everybody who signs and knows the id', async () => {
    const bytes = random.bytes(1000);
    const answer = await alice.call('POST', '/blobs/upload', bytes);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ size_bytes: 1000, uploaded_at: server.clock.now });
    const path = `/blobs/${textOf(answer.body['blob_id'])}`;
    for (const reader of [alice, bob]) {
      const read = await reader.call('GET', path);
      expect([read.status, Buffer.from(read.bytes).equals(bytes)]).toEqual([200, true]);
    }
    expect((await fetch(server.url + path)).status).toBe(401);
  });

  test('bytes of a stranger cannot become a page of ours', async () => {
    const { blob_id } = await alice.ok('POST', '/blobs/upload', Buffer.from('<script>alert(1)</script>'));
    const { headers } = await bob.call('GET', `/blobs/${textOf(blob_id)}`);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toBe('attachment');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain('sandbox');
  });

  test.each([['blob_00000000-0000-4000-8000-000000000000'], ['x'], ['..%2F..%2Fetc%2Fpasswd'], ['%2e%2e']])(
    'an unknown id is no blob: %s',
    async (id) => {
      const answer = await alice.call('GET', `/blobs/${id}`);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(405);
    },
  );

  test('an unknown id is answered with its own code', async () => {
    const answer = await alice.call('GET', `/blobs/${createBlobId(random)}`);
    expect([answer.status, answer.body['error']]).toEqual([404, 'BLOB_NOT_FOUND']);
  });

  test('a file of 8 MiB and its tag pass, more than the limit and nothing at all do not', async () => {
    expect((await alice.call('POST', '/blobs/upload', new Uint8Array(LIMITS.fileBytes + 16))).status).toBe(201);
    const tooLarge = await alice.call('POST', '/blobs/upload', new Uint8Array(LIMITS.blobBytes + 1));
    expect([tooLarge.status, tooLarge.body['error']]).toEqual([413, 'FILE_TOO_LARGE']);
    expect((await alice.call('POST', '/blobs/upload')).status).toBe(400);
  });

  test('a repeated upload of one transaction is the same blob, for the same caller', async () => {
    const path = '/blobs/upload?transaction_id=t-1';
    const [first, second] = await Promise.all([
      alice.ok('POST', path, Buffer.from('one')),
      alice.ok('POST', path, Buffer.from('one')),
    ]);
    const third = await alice.ok('POST', path, Buffer.from('one'));
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect((await bob.ok('POST', path, Buffer.from('one')))['blob_id']).not.toBe(first['blob_id']);
    expect((await alice.ok('POST', '/blobs/upload', Buffer.from('one')))['blob_id']).not.toBe(first['blob_id']);
  });
});

describe('blob stores', () => {
  let folder: string;
  let s3: FakeS3;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'puffo-blobs-'));
    s3 = await startFakeS3();
  });
  afterAll(async () => {
    await s3[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const settings: Readonly<Record<BlobStoreSettings['kind'], () => BlobStoreSettings>> = {
    disk: () => ({ kind: 'disk', folder: join(folder, 'blobs') }),
    s3: () => ({
      kind: 's3',
      endpoint: s3.url,
      bucket: 'files',
      region: 'us-east-1',
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'not-a-secret',
    }),
  };

  describe.each(['disk', 's3'] as const)('%s', (kind) => {
    test('keeps bytes over a restart and deletes them, once and again', async () => {
      const blobId = createBlobId(random);
      const bytes = random.bytes(70_000);
      {
        await using store = await openBlobStore(settings[kind]());
        expect(await store.get(blobId)).toBeUndefined();
        await store.put(blobId, bytes);
        await store.put(blobId, bytes);
      }
      await using store = await openBlobStore(settings[kind]());
      expect(Buffer.from((await store.get(blobId)) ?? []).equals(bytes)).toBe(true);
      await store.delete(blobId);
      await store.delete(blobId);
      expect(await store.get(blobId)).toBeUndefined();
    });
  });

  test('the disk holds whole blobs only, two folders deep', async () => {
    await using store = await openBlobStore(settings.disk());
    const blobId = createBlobId(random);
    await Promise.all(Array.from({ length: 5 }, () => store.put(blobId, random.bytes(100_000))));
    const files = await readdir(join(folder, 'blobs'), { recursive: true, withFileTypes: true });
    const names = files.filter((file) => file.isFile()).map((file) => file.name);
    expect(names).toEqual([blobId]);
    expect(names.every(isBlobId)).toBe(true);
  });

  test('requests to S3 name bucket and blob by path and are signed', async () => {
    await using store = await openBlobStore(settings.s3());
    const blobId = createBlobId(random);
    s3.requests.length = 0;
    await store.put(blobId, random.bytes(10));
    await store.get(blobId);
    await store.delete(blobId);
    expect(s3.requests.map(({ method, path }) => [method, path])).toEqual(
      ['PUT', 'GET', 'DELETE'].map((method) => [method, `/files/${blobId}`]),
    );
    for (const { authorization } of s3.requests) {
      expect(authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/s3\/aws4_request, /);
    }
  });

  test('a store that fails for a moment is asked again, and one that goes on failing is an error', async () => {
    await using store = await openBlobStore(settings.s3());
    const blobId = createBlobId(random);
    s3.failures.push(503, 500);
    await store.put(blobId, random.bytes(10));
    expect(await store.get(blobId)).toHaveLength(10);
    s3.requests.length = 0;
    s3.failures.push(503, 503, 503, 503);
    await expect(store.put(blobId, random.bytes(10))).rejects.toThrow('503');
    expect(s3.requests).toHaveLength(4);
    s3.failures.push(403);
    await expect(store.get(blobId)).rejects.toThrow('403');
  });

  test('a store that cannot be reached is an error that names no key', async () => {
    const unreachable = { ...settings.s3(), endpoint: 'http://127.0.0.1:9' } as BlobStoreSettings;
    await using store = await openBlobStore(unreachable);
    await expect(store.get(createBlobId(random))).rejects.toThrow('Cannot reach the blob store');
  });
});
