// The request sequences of flows.json, with their own signatures, against the real server. The slugs in them are fixed, so
// the four digits that the server draws are put in its hand. spec: wire-protocol 4.10-4.13, 8, 9
import { systemRandom } from '@puffo/base';
import { createEventId, importSigningKey, signEvent } from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { sendRaw } from './kit/raw-request.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';
import { type FlowFile, type KeysFile, readVectors } from './kit/vectors.ts';

const { vectors } = readVectors<FlowFile>('flows.json');
const keys = readVectors<KeysFile>('keys.json');
const BASE_TIME = 1_778_400_000_000;

describe.each(DIALECTS)('on %s', (dialect) => {
  test.each([
    ['a person signs up and an agent is registered', []],
    ['a further device is enrolled and the old one revoked', ['device-enrolment-and-revocation']],
    ['an invitation is accepted, a message sent and worked on', ['invite-accept-and-message']],
  ])('%s', async (_name, further) => {
    const drawn = { suffixes: ['3d3d', '9a7c'] };
    const random = {
      bytes: (length: number) =>
        length === 2
          ? Uint8Array.from(Buffer.from(drawn.suffixes.shift() ?? '0000', 'hex'))
          : systemRandom.bytes(length),
    };
    await using server = await startTestServer({ dialect, clock: { now: BASE_TIME }, random });
    await run(server, 'human-signup');
    await run(server, 'agent-register');
    if (further.includes('invite-accept-and-message')) await prepareInvitation(server);
    for (const name of further) await run(server, name);
    expect(drawn.suffixes).toEqual([]);
  });
});

/** Sends the steps of a flow; what the server drew itself takes the place of what stands in the file. */
async function run(server: TestServer, name: string): Promise<void> {
  const flow = vectors.find((vector) => vector.name === name);
  if (flow === undefined) throw new Error(`flows.json has no ${name}`);
  let token = '';
  for (const { request, response: expected } of flow.steps) {
    const { method, path, headers } = request;
    const body = Buffer.from(request.body_utf8.replace(/"pending_token": "[^"]*"/, `"pending_token": "${token}"`));
    const timestamp = headers['x-puffo-timestamp'];
    if (timestamp !== undefined) server.clock.now = Number(timestamp);
    const response = await sendRaw(server.url, { method, target: path, headers, body });
    expect({ path, status: response.status, text: response.status < 300 ? '' : response.text }).toEqual({
      path,
      status: expected.status,
      text: '',
    });
    const answer = JSON.parse(response.text) as Readonly<Record<string, unknown>>;
    expect(Object.keys(answer)).toEqual(expect.arrayContaining(Object.keys(expected.body)));
    for (const member of [
      'slug',
      'agent_slug',
      'device_id',
      'agent_device_id',
      'subkey_id',
      'envelope_id',
      'ok',
      'applied',
    ]) {
      if (member in expected.body) expect(answer[member], `${path}: ${member}`).toEqual(expected.body[member]);
    }
    if (typeof answer['pending_token'] === 'string') token = answer['pending_token'];
  }
}

/** The state that the flow needs: alice's space and channel, the other people, and the invitation that is accepted. */
async function prepareInvitation(server: TestServer): Promise<void> {
  const flow = vectors.find((vector) => vector.name === 'invite-accept-and-message');
  const accept = JSON.parse(flow?.steps[0]?.request.body_utf8 ?? '{}') as {
    events: readonly { payload: { invitation_event_id: string }; kind: string }[];
  };
  const alice = keys.vectors.find(({ slug }) => slug === 'alice-3d3d');
  const [device] = alice?.devices ?? [];
  if (device === undefined || accept.events[0] === undefined) throw new Error('the vectors lack alice');
  const subkey = importSigningKey(Buffer.from(device.subkey_secret_key, 'base64url'));
  const at = server.clock.now;
  const { space_id, channel_id } = keys;
  await insertEvents(server, {
    subkey,
    device,
    invitationEventId: accept.events[0].payload.invitation_event_id,
    events: [
      { kind: 'create_space', payload: { space_id, name: 'Team', created_at: at } },
      { kind: 'create_channel', payload: { space_id, channel_id, name: 'plans', created_at: at } },
      {
        kind: accept.events[0].kind === 'accept_space_invite' ? 'invite_to_space' : 'invite_to_channel',
        payload: { space_id, invitee_slug: 'helper-9a7c', initial_channel_ids: [channel_id], issued_at: at },
      },
    ],
  });
}

interface EventsToInsert {
  readonly subkey: ReturnType<typeof importSigningKey>;
  readonly device: { readonly device_id: string; readonly subkey_id: string };
  readonly invitationEventId: string;
  readonly events: readonly { readonly kind: string; readonly payload: Readonly<Record<string, unknown>> }[];
}

/** Posts alice's events as she would, the invitation under the id that the flow's acceptance names. */
async function insertEvents(server: TestServer, input: EventsToInsert): Promise<void> {
  const { signRequest } = await import('@puffo/protocol');
  const { subkey, device, invitationEventId, events } = input;
  const signer = { slug: 'alice-3d3d' as never, signerId: device.subkey_id as never };
  const signed = events.map(({ kind, payload }) => {
    const isInvitation = kind.startsWith('invite_');
    const nonce = Buffer.from(systemRandom.bytes(32)).toString('base64url');
    return signEvent(
      {
        eventId: isInvitation ? (invitationEventId as never) : createEventId(systemRandom),
        kind,
        payload: { ...payload, nonce } as never,
        signerSlug: signer.slug,
        signerDeviceId: device.device_id as never,
        signerSubkeyId: device.subkey_id as never,
      },
      subkey,
    );
  });
  const body = Buffer.from(JSON.stringify({ space_id: keys.space_id, events: signed }));
  const request = { method: 'POST', target: '/spaces/events', body };
  const headers = signRequest(request, {
    ...signer,
    signingKey: subkey,
    timestamp: server.clock.now,
    random: systemRandom,
  });
  const response = await sendRaw(server.url, { ...request, headers });
  expect({ status: response.status, text: response.text }).toMatchObject({ status: 200 });
}
