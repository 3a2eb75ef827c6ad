// The directory against a real server. spec: wire-protocol 9.10, 9.11, 10.5
import { systemClock } from '@puffo/base';
import { issueDeviceRevocation, judgeDevice } from '@puffo/protocol';
import { startTestNetwork, type TestNetwork, waitFor } from '@puffo/testbed';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DirectoryAlert } from '../src/directory/directory.ts';

let network: TestNetwork;

beforeAll(async () => {
  network = await startTestNetwork({ users: { stores: 'sqlite' } });
});

afterAll(() => network[Symbol.asyncDispose]());

test('people and agents of a server are verified, also after a restart', async () => {
  const alice = await network.signUp('alice');
  const bob = await network.signUp('bob');
  const helper = await bob.registerAgent('helper');
  const slugs = [alice.slug, bob.slug, helper.slug];
  const first = await alice.client.directory.getPeople(slugs);
  expect(first.problems).toEqual([]);
  expect(first.people.get(helper.slug)?.identity.operatorKey?.publicKey).toBe(bob.keys.rootKey.verifyKey.publicKey);
  const { signerId } = await helper.client.session.getSubkey();
  await alice.restart();
  const { directory } = alice.client;
  expect(await directory.findPin(bob.slug)).toBe(bob.keys.rootKey.verifyKey.publicKey);
  expect((await directory.findSubkey(helper.slug, signerId))?.device.deviceId).toBe(helper.keys.deviceId);
  expect(Array.from((await directory.getProfiles(slugs)).keys()).sort()).toEqual([...slugs].sort());
});

test('a device that is revoked is known as such to a connected peer without being asked for', async () => {
  const alice = await network.signUp('alice');
  const bob = await network.signUp('bob');
  await alice.listen();
  await bob.say(alice, 'Hello');
  const alerts: DirectoryAlert[] = [];
  alice.client.directory.onAlert((alert) => alerts.push(alert));
  expect((await alice.client.directory.getPeople([bob.slug])).people.size).toBe(1);
  const { deviceId, rootKey } = bob.keys;
  const at = systemClock();
  const body = issueDeviceRevocation(rootKey, { deviceId, effectiveFrom: at, issuedAt: at });
  await bob.client.http.call('revokeDevice', { params: { device_id: deviceId }, body });
  await waitFor(() => alerts.length > 0, 'the alert');
  expect(alerts).toEqual([{ kind: 'revoked-device', slug: bob.slug, deviceId }]);
  const [device] = (await alice.client.directory.getPeople([bob.slug])).people.get(bob.slug)?.devices ?? [];
  expect(judgeDevice(device!, at)).toMatchObject({ kind: 'refused', reason: 'device_revoked' });
});
