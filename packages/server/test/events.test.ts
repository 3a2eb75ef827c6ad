// Posting signed events and reading the log. spec: wire-protocol 8.1-8.5, 9.17, 9.18
import type { JsonObject } from '@puffo/base';
import {
  createChannelId,
  createEventId,
  createSpaceId,
  eventOfLogEntry,
  generateSigningKey,
  issueSubkeyCert,
  LIMITS,
  signEvent,
  subkeyIdOf,
  verifyKeyBytes,
} from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import { recordHub } from './kit/recording-hub.ts';
import { column, createChannel, entries, expectOk, postEvent, randomText } from './kit/space-steps.ts';
import { createSpace, join, random, registerAgent, signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { DIALECTS, startTestServer } from './kit/test-server.ts';

function newChannel(person: TestPerson, spaceId: string, more: JsonObject = {}): JsonObject {
  const created_at = person.server.clock.now;
  return { space_id: spaceId, channel_id: createChannelId(random), name: 'more', created_at, ...more };
}

/** An event whose members the test chooses, signed by the right key. */
function signAs(
  person: TestPerson,
  event: { kind?: string; payload: JsonObject; slug?: TestPerson['slug'] },
): JsonObject {
  const { slug: signerSlug = person.slug, kind = 'create_channel', payload } = event;
  const signer = { signerSlug, signerDeviceId: person.deviceId, signerSubkeyId: person.subkeyId };
  return signEvent({ eventId: createEventId(random), kind, payload, ...signer }, person.subkey);
}

async function allEvents(person: TestPerson, spaceId: string): Promise<readonly JsonObject[]> {
  return entries((await person.ok('GET', `/spaces/${spaceId}/events`))['events']);
}

describe.each(DIALECTS)('events on %s', (dialect) => {
  it('apply in order and are answered with what the server added', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const { notified } = recordHub(server);
    const spaceId = createSpaceId(random);
    const create = alice.signEvent('create_space', { space_id: spaceId, name: 'Team', created_at: server.clock.now });
    const channel = alice.signEvent('create_channel', newChannel(alice, spaceId));

    const answer = await alice.ok('POST', '/spaces/events', { space_id: spaceId, events: [create, channel] });

    expect(answer).toMatchObject({ ok: true, applied: 2 });
    const [general] = entries(answer['server_emitted_events']);
    expect(general).toMatchObject({
      type: 'signed_event',
      version: 1,
      kind: 'create_channel',
      signer_slug: alice.slug,
      signer_device_id: '',
      signer_subkey_id: '',
      signature: 'server-auto:default-general-channel',
    });
    const log = await allEvents(alice, spaceId);
    expect(log.map((entry) => eventOfLogEntry(entry))).toEqual([create, general, channel]);
    expect(notified.map(({ frame }) => frame)).toEqual([
      ...[create, general, channel].map((event) => ({ type: 'event', scope: spaceId, event })),
      { type: 'space_membership_changed', space_id: spaceId },
    ]);
  });

  it('apply all or not at all', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const { notified } = recordHub(server);
    const spaceId = createSpaceId(random);
    const create = alice.signEvent('create_space', { space_id: spaceId, name: 'Team', created_at: server.clock.now });
    const leave = alice.signEvent('leave_space', { space_id: spaceId, effective_from: server.clock.now });

    const refused = await alice.call('POST', '/spaces/events', { space_id: spaceId, events: [create, leave] });

    expect(refused.status).toBe(403);
    expect((await alice.ok('GET', '/spaces'))['spaces']).toEqual([]);
    expect(notified).toEqual([]);
    await expectOk(postEvent(alice, spaceId, create));
  });

  it('are repeated without effect, also late and within one batch', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const { spaceId } = await createSpace(alice);
    const event = alice.signEvent('create_channel', newChannel(alice, spaceId));

    const twice = await alice.ok('POST', '/spaces/events', { space_id: spaceId, events: [event, event] });
    server.clock.now += 3 * LIMITS.clockWindowMs;
    const late = await postEvent(alice, spaceId, event);

    expect(twice).toEqual({ ok: true, applied: 1 });
    expect([late.status, late.body]).toEqual([200, { ok: true, applied: 0 }]);
    expect((await allEvents(alice, spaceId)).length).toBe(4);
  });

  it('may not take the id or nonce of another event', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const { spaceId } = await createSpace(alice);
    const nonce = randomText(32);
    const first = signAs(alice, { payload: newChannel(alice, spaceId, { nonce }) });
    await expectOk(postEvent(alice, spaceId, first));
    const { signature: _signature, ...body } = alice.signEvent('create_channel', newChannel(alice, spaceId));
    const sameId = signEvent(
      {
        eventId: textOf(first['event_id']) as ReturnType<typeof createEventId>,
        kind: 'create_channel',
        payload: body['payload'] as JsonObject,
        signerSlug: alice.slug,
        signerDeviceId: alice.deviceId,
        signerSubkeyId: alice.subkeyId,
      },
      alice.subkey,
    );

    const statuses = [
      (await postEvent(alice, spaceId, sameId)).status,
      (await postEvent(alice, spaceId, signAs(alice, { payload: newChannel(alice, spaceId, { nonce }) }))).status,
    ];

    expect(statuses).toEqual([409, 409]);
    const bob = await signUp(server, 'bob');
    const { spaceId: spaceOfBob } = await createSpace(bob);
    await expectOk(postEvent(bob, spaceOfBob, signAs(bob, { payload: newChannel(bob, spaceOfBob, { nonce }) })));
  });

  it('are refused when they are malformed or not what was signed', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const bob = await signUp(server, 'bob');
    const { spaceId } = await createSpace(alice);
    const { now } = server.clock;
    const good = alice.signEvent('create_channel', newChannel(alice, spaceId));
    const { signer_slug: _slug, ...withoutSlug } = good;
    const { nonce: _nonce, ...withoutNonce } = good['payload'] as JsonObject;
    const foreign = { slug: bob.slug, payload: { ...newChannel(alice, spaceId), nonce: randomText(32) } };
    const other = generateSigningKey(random);
    const rotated = {
      ...signEvent(
        {
          eventId: createEventId(random),
          kind: 'create_channel',
          payload: { ...newChannel(alice, spaceId), nonce: randomText(32) },
          signerSlug: alice.slug,
          signerDeviceId: alice.deviceId,
          signerSubkeyId: subkeyIdOf(verifyKeyBytes(other.verifyKey)),
        },
        other,
      ),
    };
    const window = LIMITS.clockWindowMs;
    const cases: readonly (readonly [string, JsonObject, number])[] = [
      ['a signer member is missing', withoutSlug, 400],
      ['the payload was changed', { ...good, payload: { ...(good['payload'] as JsonObject), name: 'other' } }, 400],
      ['the signature is of another', { ...good, signature: randomText(64) }, 400],
      ['a member is no part of events', { ...good, extra: 1 }, 400],
      ['a payload member is unknown', alice.signEvent('create_channel', newChannel(alice, spaceId, { extra: 1 })), 400],
      ['a payload member is missing', signAs(alice, { payload: withoutNonce }), 400],
      ['the kind is unknown', alice.signEvent('rename_space', { space_id: spaceId }), 400],
      ['the id is malformed', { ...good, event_id: 'evt_1' }, 400],
      ['it is another type', { ...good, type: 'message_envelope' }, 400],
      [
        'it is too old',
        alice.signEvent('create_channel', newChannel(alice, spaceId, { created_at: now - window - 1 })),
        400,
      ],
      [
        'it is of the future',
        alice.signEvent('create_channel', newChannel(alice, spaceId, { created_at: now + window + 1 })),
        400,
      ],
      ['it is about another space', alice.signEvent('create_channel', newChannel(alice, createSpaceId(random))), 400],
      ['it is said to be by the server', { ...good, signature: 'server-auto:default-general-channel' }, 400],
      ['the signer is another identity', signAs(alice, foreign), 403],
      ['the signer is another key than that of the request', rotated, 403],
      [
        'only the server makes it',
        alice.signEvent('add_to_channel', {
          space_id: spaceId,
          channel_id: createChannelId(random),
          added_slug: bob.slug,
        }),
        403,
      ],
    ];

    for (const [name, event, status] of cases) {
      expect([name, (await postEvent(alice, spaceId, event)).status]).toEqual([name, status]);
    }
    expect((await allEvents(alice, spaceId)).length).toBe(3);
    await expectOk(postEvent(alice, spaceId, good));
  });

  it('are accepted to the edge of the clock window', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const { spaceId } = await createSpace(alice);
    const window = LIMITS.clockWindowMs;

    await createChannel(alice, spaceId, { created_at: server.clock.now + window });
    await createChannel(alice, spaceId, { created_at: server.clock.now - window });

    expect((await allEvents(alice, spaceId)).length).toBe(5);
  });

  it('of another subkey verify after a rotation', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const { spaceId } = await createSpace(alice);
    const subkey = generateSigningKey(random);
    const issuedAt = server.clock.now;
    const subkey_cert = issueSubkeyCert(alice.identity.deviceKey, { subkey: subkey.verifyKey, issuedAt });
    await alice.ok('POST', '/devices/subkeys', { subkey_cert });
    const signerSubkeyId = subkeyIdOf(verifyKeyBytes(subkey.verifyKey));
    const signer = { signerSlug: alice.slug, signerDeviceId: alice.deviceId, signerSubkeyId };
    const payload = { ...newChannel(alice, spaceId), nonce: randomText(32) };
    const event = signEvent({ eventId: createEventId(random), kind: 'create_channel', payload, ...signer }, subkey);

    const own = { slug: alice.slug, signerId: signerSubkeyId, signingKey: subkey };
    const answer = await alice.callAs(own, 'POST', '/spaces/events', { space_id: spaceId, events: [event] });

    expect(answer.status).toBe(200);
  });

  it('of agents verify with their attestation', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const helper = await registerAgent(alice);
    const place = await createSpace(alice);

    await join(alice, helper, place);

    expect(column((await helper.ok('GET', '/spaces'))['spaces'], 'role')).toEqual(['member']);
  });

  it('are limited in number, and an empty batch changes nothing', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const { spaceId } = await createSpace(alice);
    const events = Array.from({ length: LIMITS.eventsPerBatch + 1 }, () =>
      alice.signEvent('create_channel', newChannel(alice, spaceId)),
    );

    expect((await alice.call('POST', '/spaces/events', { space_id: spaceId, events })).status).toBe(400);
    expect(await alice.ok('POST', '/spaces/events', { space_id: spaceId, events: [] })).toEqual({
      ok: true,
      applied: 0,
    });
    const fitting = await alice.ok('POST', '/spaces/events', { space_id: spaceId, events: events.slice(1) });
    expect(fitting['applied']).toBe(LIMITS.eventsPerBatch);
  });

  it('make encrypted channels only', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const { spaceId } = await createSpace(alice);
    const events = [alice.signEvent('create_channel', newChannel(alice, spaceId))];

    const plain = await alice.call('POST', '/spaces/events', { space_id: spaceId, events, is_encrypted: false });
    const sealed = await alice.call('POST', '/spaces/events', { space_id: spaceId, events, is_encrypted: true });

    expect([plain.status, sealed.status]).toEqual([400, 200]);
  });

  it('of unknown spaces are 404, of spaces of others 403', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const bob = await signUp(server, 'bob');
    const { spaceId } = await createSpace(alice);
    const nowhere = createSpaceId(random);

    expect((await bob.post(nowhere, 'create_channel', newChannel(bob, nowhere))).status).toBe(404);
    expect((await bob.post(spaceId, 'create_channel', newChannel(bob, spaceId))).status).toBe(403);
    const taken = { space_id: spaceId, name: 'Mine', created_at: server.clock.now };
    expect((await bob.post(spaceId, 'create_space', taken)).status).toBe(409);
  });

  it('that race for the same id leave one winner', async () => {
    await using server = await startTestServer({ dialect });
    const people = [await signUp(server), await signUp(server, 'bob'), await signUp(server, 'carol')];
    const racers = Array.from({ length: 4 }, () => people).flat();

    // The first round opens the connections that the later ones race on.
    for (let round = 0; round < 4; round++) {
      const space_id = createSpaceId(random);
      const payload = { space_id, name: 'Race', created_at: server.clock.now };
      const answers = await Promise.all(racers.map((person) => person.post(space_id, 'create_space', payload)));

      expect(answers.filter(({ status }) => status === 200).length).toBe(1);
      expect(answers.filter(({ status }) => status === 409).length).toBe(racers.length - 1);
    }
  });
});
