// Sending on condition that nothing newer was said, through HTTP. spec: wire-protocol 14.2
import type { JsonObject } from '@puffo/base';
import { getEndpoint, parseAnswer } from '@puffo/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findPending, makeEntries, makeEnvelope, type TestChannel } from './kit/test-conversation.ts';
import { type TestPerson } from './kit/test-person.ts';
import { startScene } from './kit/test-scene.ts';
import { DIALECTS, type TestServer } from './kit/test-server.ts';

const FRESH_PATH = '/v2/agent-runtime/messages:send';

describe.each(DIALECTS)('sending on condition on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;
  let bob: TestPerson;
  let carol: TestPerson;
  let channel: TestChannel;

  beforeAll(async () => {
    ({ server, alice, bob, carol, channel } = await startScene(dialect));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  function fresh(envelope: JsonObject, freshness: JsonObject) {
    return alice.call('POST', FRESH_PATH, { envelope, freshness: { mode: 'require_current', ...freshness } });
  }

  function read(body: JsonObject) {
    return parseAnswer(getEndpoint('sendFresh'), body);
  }

  test('is sent into an empty channel, held by a newer message without a trace, and sent once that is seen', async () => {
    const first = await fresh(makeEnvelope(alice, { route: channel, to: [bob] }), {
      context_baseline_seq: null,
      seen_seq: 0,
    });
    expect(read(first.body)).toMatchObject({
      state: 'sent',
      freshness: { mode: 'require_current', context_baseline_seq: 0, seen_seq: 0, latest_seq_before_send: 0 },
    });
    const theirs = makeEnvelope(bob, { route: channel, to: [alice] });
    const { seq } = await bob.ok('POST', '/messages', theirs);
    const envelope = makeEnvelope(alice, { route: channel, to: [bob] });
    const seen_seq = Number(first.body['seq']);
    const held = await fresh(envelope, { context_baseline_seq: 0, seen_seq });
    expect(held.status).toBe(200);
    read(held.body);
    expect(held.body).toEqual({
      state: 'held',
      envelope_id: envelope['envelope_id'],
      context_baseline_seq: 0,
      seen_seq,
      latest_seq: seq,
      latest_envelope_id: theirs['envelope_id'],
      blocking_seq: seq,
      blocking_envelope_id: theirs['envelope_id'],
      blocking_sender_slug: bob.slug,
    });
    expect(await findPending(bob, envelope['envelope_id'])).toBeUndefined();
    const sent = await fresh(envelope, { context_baseline_seq: 0, seen_seq: Number(seq) });
    expect(sent.body).toMatchObject({
      state: 'sent',
      seq: Number(seq) + 1,
      replay: false,
      missing_devices: [alice.deviceId],
      devices_queued: 1,
      freshness: { context_baseline_seq: 0, seen_seq: seq, latest_seq_before_send: seq },
    });
    read(sent.body);
    const again = await fresh(envelope, { context_baseline_seq: 0, seen_seq: Number(seq) });
    expect(again.body).toEqual({ ...sent.body, replay: true, devices_queued: 0 });
    const unknowing = await fresh(envelope, { context_baseline_seq: 0, seen_seq: 0 });
    expect(read(unknowing.body)).toMatchObject({ state: 'sent', replay: true });
  });

  test('is never held when it is to be sent anyway', async () => {
    const latest = await bob.ok('POST', '/messages', makeEnvelope(bob, { route: channel, to: [alice] }));
    const envelope = makeEnvelope(alice, { route: channel, to: [bob] });
    const sent = await fresh(envelope, { mode: 'send_anyway', context_baseline_seq: null, seen_seq: 0 });
    expect(read(sent.body)).toMatchObject({
      state: 'sent',
      freshness: { context_baseline_seq: latest['seq'], seen_seq: 0, latest_seq_before_send: latest['seq'] },
    });
  });

  test('takes a repetition of a message that was sent without condition', async () => {
    const envelope = makeEnvelope(alice, { route: channel, to: [bob] });
    await alice.ok('POST', '/messages', envelope);
    const answer = await fresh(
      { ...envelope, recipients: makeEntries([alice]) },
      { context_baseline_seq: null, seen_seq: 0 },
    );
    expect(read(answer.body)).toMatchObject({ state: 'sent', replay: true, missing_devices: [], devices_queued: 1 });
  });

  test('of two who saw the same, one is held', async () => {
    const latest = await bob.ok('POST', '/messages', makeEnvelope(bob, { route: channel, to: [alice] }));
    const seen_seq = Number(latest['seq']);
    const answers = await Promise.all(
      Array.from({ length: 3 }, () =>
        fresh(makeEnvelope(alice, { route: channel, to: [bob] }), { context_baseline_seq: null, seen_seq }),
      ),
    );
    const states = answers.map((answer) => answer.body['state']);
    expect(states.filter((state) => state === 'sent')).toHaveLength(1);
    expect(states.filter((state) => state === 'held')).toHaveLength(2);
  });

  test('is for members and channels', async () => {
    const route = { kind: 'dm', recipientSlug: bob.slug } as const;
    const freshness = { mode: 'send_anyway', context_baseline_seq: null, seen_seq: 0 };
    expect((await fresh(makeEnvelope(alice, { route, to: [bob] }), freshness)).status).toBe(400);
    const envelope = makeEnvelope(carol, { route: channel, to: [bob] });
    expect((await carol.call('POST', FRESH_PATH, { envelope, freshness })).status).toBe(403);
  });
});
