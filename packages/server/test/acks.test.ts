// What is pending, whatever order it is acknowledged in. spec: wire-protocol 9.23, 9.24, 10.6
import { LIMITS } from '@puffo/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countPending } from '../src/messages/pending-store.ts';
import { listWaiting, makeChannel, makeEntries, makeEnvelope, type TestChannel } from './kit/test-conversation.ts';
import { signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

describe.each(DIALECTS)('acknowledgements on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;
  let bob: TestPerson;
  let channel: TestChannel;

  beforeEach(async () => {
    server = await startTestServer({ dialect });
    alice = await signUp(server, 'alice');
    bob = await signUp(server, 'bob');
    channel = await makeChannel(server, [alice, bob]);
  });
  afterEach(() => server[Symbol.asyncDispose]());

  /** Each second one to another set of devices. */
  async function send(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index++) {
      const to = index % 2 === 0 ? [bob] : [alice, bob];
      const answer = await alice.ok('POST', '/messages', makeEnvelope(alice, { route: channel, to }));
      ids.push(textOf(answer['envelope_id']));
    }
    return ids;
  }

  const ack = (...ids: readonly (string | undefined)[]) => bob.ok('POST', '/messages/ack', { envelope_ids: [...ids] });
  const waiting = async () =>
    (await listWaiting(bob)).map((item) => textOf((item['envelope'] as { envelope_id: string }).envelope_id));
  const sparse = async () => (await server.context.database.db.selectFrom('acks').selectAll().execute()).length;

  test('take away what they name and nothing else, in any order, and leave no rows behind', async () => {
    const ids = await send(5);
    const [one, two, three, four, five] = ids;
    expect(await waiting()).toEqual(ids);
    await ack(three, five);
    expect([await waiting(), await sparse()]).toEqual([[one, two, four], 2]);
    await ack(three, 'msg_unknown');
    expect([await waiting(), await sparse()]).toEqual([[one, two, four], 2]);
    await ack(one);
    expect([await waiting(), await sparse()]).toEqual([[two, four], 2]);
    await ack(two);
    expect([await waiting(), await sparse()]).toEqual([[four], 1]);
    expect(await countPending(server.context.database.db)).toBe(1 + 2);
    await ack(four);
    expect([await waiting(), await sparse()]).toEqual([[], 0]);
    expect((await listWaiting(alice)).length).toBe(2);
    const [next] = await send(1);
    expect(await waiting()).toEqual([next]);
  });

  test('at the same time lose nothing', async () => {
    const ids = await send(12);
    await Promise.all(ids.slice(1).map((id) => ack(id)));
    expect(await waiting()).toEqual(ids.slice(0, 1));
    await Promise.all([ack(ids[0]), ack(...ids)]);
    expect(await waiting()).toEqual([]);
    expect(await countPending(server.context.database.db)).toBe(6);
  });

  test('of newer messages do not cover an older one that comes later', async () => {
    const envelope = makeEnvelope(alice, { route: channel, to: [alice] });
    const first = await alice.ok('POST', '/messages', envelope);
    const [newer] = await send(1);
    await ack(newer);
    server.clock.now += LIMITS.clockWindowMs + 1;
    await alice.ok('POST', '/messages', { ...envelope, recipients: makeEntries([bob]) });
    const [item, ...others] = await listWaiting(bob);
    expect(others).toEqual([]);
    expect(item?.['envelope']).toMatchObject({ envelope_id: envelope['envelope_id'], recipients: makeIds([bob]) });
    expect(item?.['seq']).toBeGreaterThan(Number(first['seq']) + 1);
  });

  function makeIds(people: readonly TestPerson[]) {
    return people.map(({ deviceId }) => ({ device_id: deviceId }));
  }
});
