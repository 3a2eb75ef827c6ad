// The end of devices and agents. spec: wire-protocol 4.13, 9.6, 9.8
import type { JsonObject } from '@puffo/base';
import { deviceIdOf, issueDeviceRevocation, issueOperatorRevocation, createEnvelopeId } from '@puffo/protocol';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { nextSeq } from '../src/db/next-seq.ts';
import { hasPending } from '../src/messages/pending-store.ts';
import { insertPosting } from '../src/messages/posting-store.ts';
import { recordHub } from './kit/recording-hub.ts';
import {
  createSpace,
  createSubkeyCert,
  deviceOf,
  join,
  random,
  registerAgent,
  signUp,
  type TestPerson,
} from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

const HOUR_MS = 60 * 60_000;
describe.each(DIALECTS)('revocation on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;

  beforeAll(async () => {
    server = await startTestServer({ dialect });
    alice = await signUp(server, 'alice');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  function revocationOf(
    person: TestPerson,
    { deviceId = person.deviceId, effectiveFrom = server.clock.now } = {},
  ): JsonObject {
    return issueDeviceRevocation(person.identity.rootKey, { deviceId, effectiveFrom, issuedAt: server.clock.now });
  }

  describe('the end of a device', () => {
    it('shuts out its keys, ends its sockets, drops its messages and stands in the log', async () => {
      const bob = await signUp(server, 'bob');
      const recorded = recordHub(server);
      const { db, write } = server.context.database;
      const delivery = { deviceId: bob.deviceId, entry: '{}' };
      await write(async (transaction) => {
        const seq = await nextSeq(transaction, 'messages');
        await insertPosting(transaction, { seq, envelopeId: createEnvelopeId(random), deliveries: [delivery] });
      });
      expect(await hasPending(db, bob.deviceId)).toBe(true);
      const revocation = revocationOf(bob);
      expect((await bob.call('POST', `/devices/${bob.deviceId}/revoke`, revocation)).status).toBe(200);
      expect((await bob.call('GET', '/identities/profiles?slugs=')).status).toBe(401);
      expect(recorded.disconnected).toContainEqual({ deviceId: bob.deviceId });
      expect(await hasPending(db, bob.deviceId)).toBe(false);
      const { entries } = await alice.ok('GET', `/certs/sync?device_ids=${bob.deviceId}&since=0`);
      expect(entries).toMatchObject([{ kind: 'device_cert' }, { kind: 'device_revocation', cert: revocation }]);
    });

    it('may be set for later, and moved forward but not back', async () => {
      const bob = await signUp(server, 'bob');
      const target = `/devices/${bob.deviceId}/revoke`;
      const recorded = recordHub(server);
      const inAnHour = revocationOf(bob, { effectiveFrom: server.clock.now + HOUR_MS });
      expect((await bob.call('POST', target, inAnHour)).status).toBe(200);
      expect((await bob.call('POST', target, inAnHour)).status).toBe(200);
      const inTwo = revocationOf(bob, { effectiveFrom: server.clock.now + 2 * HOUR_MS });
      expect((await bob.call('POST', target, inTwo)).status).toBe(200);
      expect(recorded.disconnected).toEqual([]);
      const { entries } = await bob.ok('GET', `/certs/sync?device_ids=${bob.deviceId}&since=0`);
      expect(entries).toMatchObject([{ kind: 'device_cert' }, { cert: inAnHour }]);
      server.clock.now += HOUR_MS;
      expect((await bob.call('GET', '/identities/profiles?slugs=')).status).toBe(401);
    });

    it('is for its own identity to say', async () => {
      const bob = await signUp(server, 'bob');
      const carol = await signUp(server, 'carol');
      const target = `/devices/${bob.deviceId}/revoke`;
      const unknown = deviceIdOf(random.bytes(32));
      expect((await carol.call('POST', target, revocationOf(bob))).status).toBe(403);
      expect((await bob.call('POST', target, revocationOf(carol))).status).toBe(400);
      expect((await bob.call('POST', target, revocationOf(bob, { deviceId: carol.deviceId }))).status).toBe(400);
      expect((await bob.call('POST', `/devices/${unknown}/revoke`, revocationOf(bob))).status).toBe(404);
      expect((await bob.call('GET', '/identities/profiles?slugs=')).status).toBe(200);
    });
  });

  describe('the end of an agent', () => {
    function agentRevocation(operator: TestPerson, agent: TestPerson, effectiveFrom = server.clock.now): JsonObject {
      const agentKey = agent.identity.rootKey.verifyKey;
      const issuedAt = server.clock.now;
      return issueOperatorRevocation(operator.identity.rootKey, { agentKey, issuedAt, effectiveFrom, random });
    }

    test.each([
      ['bare', (revocation: JsonObject): JsonObject => revocation],
      ['wrapped', (operator_revocation: JsonObject): JsonObject => ({ operator_revocation })],
    ])('is final, however its body is shaped: %s', async (_name, shape) => {
      const bob = await signUp(server, 'bob');
      const agent = await registerAgent(bob);
      const recorded = recordHub(server);
      const body = shape(agentRevocation(bob, agent));
      const target = `/agents/${agent.slug}/operator/revoke`;
      expect(await bob.call('POST', target, body)).toMatchObject({ status: 200, body: { ok: true } });
      expect(await bob.call('POST', target, body)).toMatchObject({ status: 200, body: { ok: true } });
      expect((await agent.call('GET', '/identities/profiles?slugs=')).status).toBe(401);
      const subkey_cert = createSubkeyCert(agent);
      expect((await agent.callAs(deviceOf(agent), 'POST', '/devices/subkeys', { subkey_cert })).status).toBe(401);
      expect(recorded.disconnected).toContainEqual({ slug: agent.slug });
      const { entries } = await bob.ok('GET', `/certs/sync?slugs=${agent.slug},${bob.slug}&since=0`);
      const revocations = (entries as readonly JsonObject[]).filter(({ kind }) => kind === 'operator_revocation');
      expect(revocations.map(({ slug }) => slug)).toEqual([agent.slug, bob.slug]);
    });

    it('takes the agent out of its spaces and tells those who were there', async () => {
      const bob = await signUp(server, 'bob');
      const agent = await registerAgent(bob);
      const space = await createSpace(alice);
      await join(alice, agent, space);
      const recorded = recordHub(server);
      await bob.ok('POST', `/agents/${agent.slug}/operator/revoke`, agentRevocation(bob, agent));
      const { members } = await alice.ok('GET', `/spaces/${space.spaceId}/members`);
      expect((members as readonly JsonObject[]).map(({ slug }) => slug)).toEqual([alice.slug]);
      const updates = recorded.notified.filter(({ frame }) => frame.type === 'cert_update');
      expect(updates[0]?.slugs).toContain(alice.slug);
      expect(recorded.notified.some(({ frame }) => frame.type === 'event')).toBe(true);
    });

    it('is for its operator to say', async () => {
      const bob = await signUp(server, 'bob');
      const agent = await registerAgent(bob);
      const target = `/agents/${agent.slug}/operator/revoke`;
      expect((await alice.call('POST', target, agentRevocation(alice, agent))).status).toBe(403);
      expect((await agent.call('POST', target, agentRevocation(bob, agent))).status).toBe(403);
      expect((await bob.call('POST', target, agentRevocation(bob, alice))).status).toBe(400);
      const later = agentRevocation(bob, agent, server.clock.now + HOUR_MS);
      expect((await bob.call('POST', target, later)).status).toBe(400);
      const nobody = '/agents/nobody-0000/operator/revoke';
      expect((await bob.call('POST', nobody, agentRevocation(bob, agent))).status).toBe(404);
      expect((await agent.call('GET', '/identities/profiles?slugs=')).status).toBe(200);
    });
  });
});
