// Heartbeats, status and runs of agents. spec: wire-protocol 9.27 to 9.30, 11
import type { JsonObject } from '@puffo/base';
import { createEnvelopeId, createRunId, LIMITS } from '@puffo/protocol';
import { beforeAll, beforeEach, afterAll, describe, expect, test } from 'vitest';
import { closeAbandonedRuns } from '../src/background/close-runs.ts';
import { addDevice, makeChannel, makeEnvelope, type TestChannel } from './kit/test-conversation.ts';
import { random, registerAgent, signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

const TEN_MINUTES_MS = 600_000;

describe.each(DIALECTS)('agents on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;
  let bob: TestPerson;
  let stranger: TestPerson;
  let agent: TestPerson;
  let other: TestPerson;
  let channel: TestChannel;

  beforeAll(async () => {
    server = await startTestServer({ dialect });
    alice = await signUp(server, 'alice');
    bob = await signUp(server, 'bob');
    stranger = await signUp(server, 'stranger');
    agent = await registerAgent(alice, 'helper');
    other = await registerAgent(alice, 'other');
    channel = await makeChannel(server, [bob, agent, other]);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** No report of an earlier test is near. */
  beforeEach(() => {
    server.clock.now += LIMITS.heartbeatIntervalMs;
  });

  const beat = (body: JsonObject, who = agent) => who.call('POST', '/agents/me/heartbeat', body);
  const status = (reader = bob, slug: string = agent.slug) => reader.ok('GET', `/agents/${slug}/status`);

  async function say(to: readonly TestPerson[] = [bob, agent, other]): Promise<string> {
    const answer = await bob.ok('POST', '/messages', makeEnvelope(bob, { route: channel, to }));
    return textOf(answer['envelope_id']);
  }

  const start = (id: string, run_id: string, who = agent) =>
    who.call('POST', `/messages/${id}/processing/start`, { run_id });
  const end = (id: string, body: JsonObject, who = agent) => who.call('POST', `/messages/${id}/processing/end`, body);

  async function runs(id: string, reader = bob): Promise<readonly JsonObject[]> {
    return (await reader.ok('GET', `/messages/${id}/processing`))['runs'] as readonly JsonObject[];
  }

  describe('status', () => {
    test('an agent that never reported is offline, and a person or nobody is no agent', async () => {
      const silent = await registerAgent(alice, 'silent');
      expect(await status(bob, silent.slug)).toEqual({
        slug: silent.slug,
        status: 'offline',
        current_message_id: null,
        error_text: null,
        last_heartbeat_at: null,
      });
      expect((await bob.call('GET', `/agents/${alice.slug}/status`)).status).toBe(404);
      expect((await bob.call('GET', '/agents/nobody-0000/status')).status).toBe(404);
    });

    test('a heartbeat is what readers see, with the message only while busy', async () => {
      const id = createEnvelopeId(random);
      expect((await beat({ status: 'busy', current_message_id: id, runtime: { a: 1 } })).body).toEqual({ ok: true });
      expect(await status()).toMatchObject({
        status: 'busy',
        current_message_id: id,
        last_heartbeat_at: server.clock.now,
      });
      server.clock.now += LIMITS.heartbeatIntervalMs;
      await beat({ status: 'idle', current_message_id: id });
      expect(await status()).toMatchObject({ status: 'idle', current_message_id: null });
    });

    test.each(['paused', 'archived'])('an agent may be %s', async (state) => {
      expect((await beat({ status: state })).status).toBe(200);
      expect(await status()).toMatchObject({ status: state });
    });

    test.each([[{}], [{ status: 'offline' }], [{ status: 'busy', current_message_id: 'x' }]])(
      'a heartbeat that says %j is refused',
      async (body) => {
        expect((await beat(body)).status).toBe(400);
      },
    );

    test('people do not report', async () => {
      expect((await beat({ status: 'idle' }, alice)).status).toBe(403);
    });

    test('a heartbeat within ten seconds of the last report is refused and changes nothing', async () => {
      expect((await beat({ status: 'idle' })).status).toBe(200);
      server.clock.now += LIMITS.heartbeatIntervalMs - 1;
      const refused = await beat({ status: 'error' });
      expect([refused.status, refused.body['error'], refused.headers.get('retry-after')]).toEqual([
        429,
        'RATE_LIMITED',
        '1',
      ]);
      expect(await status()).toMatchObject({ status: 'idle' });
      expect((await beat({ status: 'idle' }, other)).status).toBe(200);
      server.clock.now += 1;
      expect((await beat({ status: 'error' })).status).toBe(200);
    });

    test('an error keeps its text while it is repeated without one, and loses it with the error', async () => {
      await beat({ status: 'error', error_text: 'x'.repeat(2000) });
      const cut = 'x'.repeat(LIMITS.errorTextCharacters);
      expect(await status()).toMatchObject({ status: 'error', error_text: cut });
      server.clock.now += LIMITS.heartbeatIntervalMs;
      await beat({ status: 'error' });
      expect(await status()).toMatchObject({ error_text: cut });
      server.clock.now += LIMITS.heartbeatIntervalMs;
      await beat({ status: 'idle', error_text: 'not an error' });
      server.clock.now += LIMITS.heartbeatIntervalMs;
      await beat({ status: 'error' });
      expect(await status()).toMatchObject({ status: 'error', error_text: null });
    });

    test('error texts are for the operator, the agent and those who share a space', async () => {
      await beat({ status: 'error', error_text: 'no disk' });
      for (const reader of [alice, agent, bob]) expect(await status(reader)).toMatchObject({ error_text: 'no disk' });
      expect(await status(stranger)).toMatchObject({ status: 'error', error_text: null });
    });

    test('an agent is offline two minutes after its last report', async () => {
      await beat({ status: 'idle' });
      server.clock.now += LIMITS.offlineAfterMs;
      expect(await status()).toMatchObject({ status: 'idle' });
      server.clock.now += 1;
      expect(await status()).toMatchObject({ status: 'offline' });
    });
  });

  describe('runs', () => {
    test('a run makes its agent busy, and its end idle', async () => {
      const id = await say();
      const run_id = createRunId(random);
      const started_at = server.clock.now;
      expect((await start(id, run_id)).body).toEqual({ ok: true });
      expect(await status()).toMatchObject({ status: 'busy', current_message_id: id });
      const open = { run_id, agent_slug: agent.slug, started_at, ended_at: null, succeeded: null, error_text: null };
      expect(await runs(id)).toEqual([open]);
      server.clock.now += 1000;
      expect((await end(id, { run_id, succeeded: true })).body).toEqual({ ok: true });
      expect(await status()).toMatchObject({ status: 'idle', current_message_id: null });
      expect(await runs(id)).toEqual([{ ...open, ended_at: started_at + 1000, succeeded: true }]);
    });

    test('a failed run leaves its text, cut to size', async () => {
      const id = await say();
      const run_id = createRunId(random);
      await start(id, run_id);
      await end(id, { run_id, succeeded: false, error_text: 'y'.repeat(5000) });
      const error_text = 'y'.repeat(LIMITS.errorTextCharacters);
      expect(await status()).toMatchObject({ status: 'error', error_text });
      expect(await runs(id)).toMatchObject([{ succeeded: false, error_text }]);
    });

    test('repeated reports change nothing', async () => {
      const id = await say();
      const run_id = createRunId(random);
      await start(id, run_id);
      await end(id, { run_id, succeeded: true });
      const before = [await runs(id), await status()];
      server.clock.now += 1000;
      expect((await start(id, run_id)).status).toBe(200);
      expect((await end(id, { run_id, succeeded: false, error_text: 'late' })).status).toBe(200);
      expect([await runs(id), await status()]).toEqual(before);
    });

    test('an end whose start was lost makes a run that is closed', async () => {
      const id = await say();
      const run_id = createRunId(random);
      expect((await end(id, { run_id, succeeded: true })).status).toBe(200);
      expect(await runs(id)).toMatchObject([
        { run_id, started_at: server.clock.now, ended_at: server.clock.now, succeeded: true },
      ]);
    });

    test('an id of another message or agent is a conflict', async () => {
      const [id, second] = [await say(), await say()];
      const run_id = createRunId(random);
      await start(id, run_id);
      for (const answer of [
        await start(second, run_id),
        await end(second, { run_id, succeeded: true }),
        await start(id, run_id, other),
        await end(id, { run_id, succeeded: true }, other),
      ]) {
        expect([answer.status, answer.body['error']]).toEqual([409, 'CONFLICT']);
      }
      expect(await runs(id)).toMatchObject([{ agent_slug: agent.slug, ended_at: null }]);
    });

    test('several agents may work on one message', async () => {
      const id = await say();
      await start(id, createRunId(random));
      await start(id, createRunId(random), other);
      expect(new Set((await runs(id)).map((run) => run['agent_slug']))).toEqual(new Set([agent.slug, other.slug]));
    });

    test('only agents that the message was sent to report, about messages that exist', async () => {
      const id = await say([bob, agent]);
      const run_id = createRunId(random);
      expect((await start(id, run_id, other)).status).toBe(403);
      expect((await start(id, run_id, bob)).status).toBe(403);
      expect((await end(id, { run_id, succeeded: true }, other)).status).toBe(403);
      expect((await start(createEnvelopeId(random), run_id)).status).toBe(404);
      expect((await start(id, 'run_1')).status).toBe(400);
      expect(await runs(id)).toEqual([]);
    });

    test('an agent may report from another device than the one that got the message', async () => {
      const second = await addDevice(server, agent);
      const answer = await bob.ok('POST', '/messages', makeEnvelope(bob, { route: channel, to: [second] }));
      expect((await start(textOf(answer['envelope_id']), createRunId(random))).status).toBe(200);
    });

    test('runs do not wait for heartbeats, but a heartbeat right after one is refused', async () => {
      const id = await say();
      await beat({ status: 'idle' });
      expect((await start(id, createRunId(random))).status).toBe(200);
      server.clock.now += LIMITS.heartbeatIntervalMs - 1;
      expect((await beat({ status: 'idle' })).status).toBe(429);
    });

    test('runs are listed for members of the conversation', async () => {
      const id = await say();
      expect(await runs(id, agent)).toEqual([]);
      expect((await stranger.call('GET', `/messages/${id}/processing`)).status).toBe(403);
      expect((await bob.call('GET', `/messages/${createEnvelopeId(random)}/processing`)).status).toBe(404);
      const route = { kind: 'dm', recipientSlug: agent.slug } as const;
      const direct = await bob.ok('POST', '/messages', makeEnvelope(bob, { route, to: [agent] }));
      const directId = textOf(direct['envelope_id']);
      expect(await runs(directId, bob)).toEqual([]);
      expect(await runs(directId, agent)).toEqual([]);
      expect((await other.call('GET', `/messages/${directId}/processing`)).status).toBe(403);
    });

    test('a batch closes open runs and creates lost ones, all or none', async () => {
      const [id, second] = [await say(), await say()];
      const [open, lost, wrong] = [createRunId(random), createRunId(random), createRunId(random)];
      await start(id, open);
      const ends = [
        { run_id: open, message_id: id, succeeded: true },
        { run_id: lost, message_id: second, succeeded: false, error_text: 'gone' },
      ];
      const unknown = { run_id: wrong, message_id: createEnvelopeId(random), succeeded: true };
      const batch = (list: readonly JsonObject[]) =>
        agent.call('POST', '/messages/processing/end:batch', { runs: list });
      expect((await batch([...ends, unknown])).status).toBe(404);
      expect(await runs(id)).toMatchObject([{ ended_at: null }]);
      expect((await batch(ends)).body).toEqual({ ok: true });
      expect((await batch(ends)).status).toBe(200);
      expect(await runs(id)).toMatchObject([{ run_id: open, succeeded: true }]);
      expect(await runs(second)).toMatchObject([{ run_id: lost, succeeded: false, error_text: 'gone' }]);
      expect(await status()).toMatchObject({ status: 'error', error_text: 'gone' });
      expect(
        (
          await batch([
            { run_id: wrong, message_id: id, succeeded: true },
            { run_id: wrong, message_id: second, succeeded: true },
          ])
        ).status,
      ).toBe(409);
      expect(await runs(id)).toHaveLength(1);
      expect((await batch([])).status).toBe(200);
    });

    test('a run of an agent that is gone for ten minutes fails', async () => {
      const id = await say();
      await start(id, createRunId(random));
      server.clock.now += TEN_MINUTES_MS;
      await closeAbandonedRuns(server.context);
      expect(await runs(id)).toMatchObject([{ ended_at: null }]);
      server.clock.now += 1;
      await closeAbandonedRuns(server.context);
      await closeAbandonedRuns(server.context);
      expect(await runs(id)).toMatchObject([
        { ended_at: server.clock.now, succeeded: false, error_text: 'The agent went offline' },
      ]);
    });
  });
});
