// What ends by itself, and what does not. spec: wire-protocol 15 (6, 22), 5.6
import { createEnvelopeId, type BlobId } from '@puffo/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deleteOldBlobs } from '../src/background/delete-blobs.ts';
import { deleteOldMessages } from '../src/background/delete-messages.ts';
import {
  forgetEnrolments,
  forgetNonces,
  forgetRateWindows,
  forgetRegistrations,
} from '../src/background/forget-rows.ts';
import { runTasks, TASKS } from '../src/background/run-tasks.ts';
import type { ServerContext } from '../src/context.ts';
import { makeChannel, makeEnvelope } from './kit/test-conversation.ts';
import { random, signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

const DAY_MS = 86_400_000;

describe.each(DIALECTS)('retention on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;

  beforeEach(async () => {
    server = await startTestServer({ dialect });
    alice = await signUp(server, 'alice');
  });
  afterEach(() => server[Symbol.asyncDispose]());

  const count = async (
    table: 'messages' | 'postings' | 'recipient_sets' | 'acks' | 'blobs' | 'used_nonces' | 'pending_registrations',
  ) => (await server.context.database.db.selectFrom(table).selectAll().execute()).length;

  test('messages and their deliveries end 30 days after they were sent', async () => {
    const channel = await makeChannel(server, [alice]);
    await alice.ok('POST', '/messages', makeEnvelope(alice, { route: channel, to: [alice] }));
    server.clock.now += DAY_MS;
    const later = await alice.callAs(ownDevice(), 'GET', '/messages/pending');
    expect(later.body['messages']).toHaveLength(1);
    server.clock.now += 29 * DAY_MS;
    expect(await deleteOldMessages(server.context)).toBe(0);
    server.clock.now += 1;
    expect(await deleteOldMessages(server.context)).toBe(1);
    expect(await deleteOldMessages(server.context)).toBe(0);
    expect([await count('messages'), await count('postings'), await count('recipient_sets')]).toEqual([0, 0, 0]);
  });

  /** The subkey is over after two days. */
  function ownDevice() {
    return { slug: alice.slug, signerId: alice.deviceId, signingKey: alice.identity.deviceKey };
  }

  test('a backlog is removed in slices', async () => {
    await insertOldMessages(700);
    expect(await deleteOldMessages(server.context)).toBe(500);
    expect(await count('messages')).toBe(200);
    await runTasks(server.context, new AbortController().signal);
    expect(await count('messages')).toBe(0);
  });

  async function insertOldMessages(rows: number): Promise<void> {
    const received_at = server.clock.now - 31 * DAY_MS;
    const route = { kind: 'channel' as const, space_id: null, channel_id: null, recipient_slug: null };
    const same = { ...route, sender_slug: alice.slug, sent_at: 0, received_at, envelope: '{}', content_hash: '' };
    const values = Array.from({ length: rows }, (_, index) => ({
      envelope_id: createEnvelopeId(random),
      seq: index + 1,
      ...same,
    }));
    await server.context.database.db.insertInto('messages').values(values).execute();
  }

  test('blobs end 90 days after the upload, with their bytes, but avatars stay', async () => {
    const file = await upload('file');
    const avatar = await upload('avatar');
    await server.context.database.db
      .updateTable('profiles')
      .set({ avatar_url: `${server.url}/blobs/${avatar}` })
      .where('slug', '=', alice.slug)
      .execute();
    server.clock.now += 90 * DAY_MS;
    await deleteOldBlobs(server.context);
    expect(await count('blobs')).toBe(2);
    server.clock.now += 1;
    await deleteOldBlobs(server.context);
    expect(await server.context.blobs.get(file)).toBeUndefined();
    expect(await server.context.blobs.get(avatar)).toBeDefined();
    const rows = await server.context.database.db.selectFrom('blobs').select('blob_id').execute();
    expect(rows).toEqual([{ blob_id: avatar }]);
    expect(await deleteOldBlobs(server.context)).toBe(0);
  });

  async function upload(text: string): Promise<BlobId> {
    return textOf((await alice.ok('POST', '/blobs/upload', Buffer.from(text)))['blob_id']) as BlobId;
  }

  test('nonces are kept while their requests would be believed', async () => {
    const { db } = server.context.database;
    await db.deleteFrom('used_nonces').execute();
    const forget_at = server.clock.now + 10;
    const values = Array.from({ length: 1200 }, (_, index) => ({
      signer_id: 's',
      nonce: `n${index}`,
      forget_at: forget_at + index,
    }));
    await db.insertInto('used_nonces').values(values).execute();
    await forgetNonces(server.context);
    expect(await count('used_nonces')).toBe(1200);
    server.clock.now += 10 + 699;
    expect(await forgetNonces(server.context)).toBe(500);
    expect(await forgetNonces(server.context)).toBe(200);
    expect(await forgetNonces(server.context)).toBe(0);
    expect(await count('used_nonces')).toBe(500);
  });

  test('registrations, enrolments and rate windows that are over are removed, others stay', async () => {
    const { db } = server.context.database;
    await db.deleteFrom('pending_registrations').execute();
    const { now } = server.clock;
    const keys = { device_signing_public_key: 'k', device_kem_public_key: 'k', fingerprint: 'f', bundle: null };
    const windows = [
      { key: 'old', window_start: now - DAY_MS - 1, count: 1 },
      { key: 'new', window_start: now, count: 1 },
    ];
    await db.insertInto('rate_windows').values(windows).execute();
    for (const [nonce, expires_at] of [
      ['over', now],
      ['open', now + 1],
    ] as const) {
      await db
        .insertInto('enrolments')
        .values({ nonce, ...keys, expires_at })
        .execute();
      await db
        .insertInto('pending_registrations')
        .values({ ...pendingRegistration(nonce), expires_at })
        .execute();
    }
    expect(await forgetEnrolments(server.context)).toBe(1);
    expect(await forgetRegistrations(server.context)).toBe(1);
    expect(await forgetRateWindows(server.context)).toBe(1);
    expect(await db.selectFrom('enrolments').select('nonce').execute()).toEqual([{ nonce: 'open' }]);
    expect(await db.selectFrom('pending_registrations').select('slug').execute()).toEqual([{ slug: 'open' }]);
    expect(await db.selectFrom('rate_windows').select('key').where('key', 'in', ['old', 'new']).execute()).toEqual([
      { key: 'new' },
    ]);
  });

  function pendingRegistration(name: string) {
    const optional = {
      operator_slug: null,
      attestation: null,
      display_name: null,
      avatar_url: null,
      invite_code: null,
    };
    const certs = { identity_cert: '{}', device_cert: '{}', slug_binding: null };
    const ids = { token_hash: name, slug: name, username: name, root_public_key: name, device_id: name };
    return { ...ids, identity_type: 'human' as const, ...certs, ...optional };
  }

  test('two nodes that remove the same at once do no harm', async () => {
    await insertOldMessages(30);
    await Promise.all([deleteOldMessages(server.context), deleteOldMessages(server.context)]);
    expect(await count('messages')).toBe(0);
  });

  test('a task that fails is logged, and the others run', async () => {
    await insertOldMessages(1);
    const logged: unknown[] = [];
    const broken: ServerContext = {
      ...server.context,
      blobs: { ...server.context.blobs, delete: () => Promise.reject(new Error('store is down')) },
      log: { ...server.context.log, error: (event, fields) => logged.push([event, fields?.['task']]) },
    };
    await upload('file');
    server.clock.now += 91 * DAY_MS;
    await runTasks(broken, new AbortController().signal);
    expect(logged).toEqual([['background-task-failed', 'deleteOldBlobs']]);
    expect([await count('messages'), await count('blobs')]).toEqual([0, 1]);
  });

  test('a stopped round does nothing', async () => {
    await insertOldMessages(1);
    await runTasks(server.context, AbortSignal.abort());
    expect(await count('messages')).toBe(1);
    expect(Object.keys(TASKS)).toHaveLength(7);
  });
});
