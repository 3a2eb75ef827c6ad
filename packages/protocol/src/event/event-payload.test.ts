import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import { type EventPayload, eventTimeOf, isEventKind, type ParsedEvent, parseEventPayload } from './event-payload.ts';

type Payload = Readonly<Record<string, unknown>>;

const nonce = 'EFh0gXASnBsh3KrVTZxHyICXZ3teufbf6lGX5FKs25M';
const space_id = 'sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db';
const channel_id = 'ch_9b5aabe9-1ce4-497e-930f-bac3583e371e';
const invitation_event_id = 'ev_f5829055-1cff-4f3a-bd79-9e15d8b18600';
const at = 1_778_400_000_000;
const space = { space_id, nonce };
const channel = { ...space, channel_id };
const capability = {
  ...space,
  invite_id: 'inv_1',
  scope: { space_grant: { role: 'member' }, channel_grants: [{ channel_id, role: 'member' }] },
  max_uses: null,
  expires_at: 253_402_300_799_000,
  invite_public_key: nonce,
  created_at: at,
};

/** One valid payload per kind, with every member that the kind needs, and the event's own time. */
const EXAMPLES: readonly (readonly [kind: string, payload: Payload, time: number | undefined])[] = [
  ['create_space', { ...space, name: 'Team ✨', created_at: at }, at],
  ['create_channel', { ...channel, name: 'General', created_at: at }, at],
  ['invite_to_space', { ...space, invitee_slug: 'bob-0f42', issued_at: at }, at],
  ['invite_to_channel', { ...channel, invitee_slug: 'bob-0f42', issued_at: at }, at],
  ['accept_space_invite', { ...space, invitation_event_id, accepted_at: at }, at],
  ['accept_channel_invite', { ...channel, invitation_event_id, accepted_at: at }, at],
  ['reject_space_invite', { ...space, invitation_event_id, rejected_at: at }, at],
  ['reject_channel_invite', { ...channel, invitation_event_id, rejected_at: at }, at],
  ['cancel_space_invite', { ...space, invitation_event_id, cancelled_at: at }, at],
  ['cancel_channel_invite', { ...channel, invitation_event_id, cancelled_at: at }, at],
  ['leave_space', { ...space, effective_from: at }, at],
  ['leave_channel', { ...channel, effective_from: at }, at],
  ['remove_from_space', { ...space, removed_slug: 'bob-0f42', effective_from: at }, at],
  ['remove_from_channel', { ...channel, removed_slug: 'bob-0f42', effective_from: at }, at],
  ['update_role', { ...space, target_slug: 'bob-0f42', new_role: 'admin', issued_at: at }, at],
  ['transfer_space_ownership', { ...space, new_owner_slug: 'bob-0f42', issued_at: at }, at],
  ['add_to_channel', { ...channel, added_slug: 'bob-0f42' }, undefined],
  ['create_invite_capability', capability, at],
  [
    'redeem_invite_capability',
    {
      ...space,
      redemption_id: 'red_1',
      invite_id: 'inv_1',
      redeemer_slug: 'bob-0f42',
      redeemer_device_id: `dev_${nonce}`,
      redeemer_subkey_id: `sk_${nonce}`,
      redeemed_at: at,
    },
    at,
  ],
  ['revoke_invite_capability', { ...space, invite_id: 'inv_1', revoked_at: at }, at],
];

interface EventVectors {
  readonly vectors: {
    readonly events: readonly { readonly name: string; readonly event: { kind: string; payload: Payload } }[];
    readonly replay_entries: readonly {
      readonly entry: { kind: string; payload: Payload; payload_issued_at: number };
    }[];
  };
}
const VECTORS: EventVectors = JSON.parse(
  readFileSync(new URL('../../../../vectors/signed-events.json', import.meta.url), 'utf8'),
);
const SIGNED = VECTORS.vectors.events.filter(({ name }) => !name.startsWith('neg-') && !name.startsWith('server-'));

function refusal(field: string): unknown {
  return expect.objectContaining({ code: 'schema_mismatch', field });
}

describe.each(EXAMPLES)('the payload of %s', (kind, payload, time) => {
  it('is read', () => {
    expect(parseEventPayload(kind, payload)).toEqual({ kind, payload });
  });

  it.each(Object.keys(payload).map((name) => [name]))('is refused without its %s', (name) => {
    const { [name]: _gone, ...rest } = payload;
    expect(() => parseEventPayload(kind, rest)).toThrow(refusal(name));
    expect(() => parseEventPayload(kind, rest)).toThrow(
      new RegExp(`^Cannot read event ${kind}: member '${name}' is missing`),
    );
  });

  it.each(Object.keys(payload).map((name) => [name]))('is refused with another type of %s', (name) => {
    for (const wrong of [true, 'x'.repeat(70_000), -1]) {
      expect(() => parseEventPayload(kind, { ...payload, [name]: wrong })).toThrow(refusal(name));
    }
  });

  it('is refused with a member that it does not have', () => {
    expect(() => parseEventPayload(kind, { ...payload, later: 1 })).toThrow(refusal('later'));
  });

  it('is read from a log without members that it does not have', () => {
    const read = parseEventPayload(kind, { ...payload, later: 1 }, { unknownMembers: 'ignore' });
    expect(read).toEqual({ kind, payload });
  });

  it('says when the event was', () => {
    expect(eventTimeOf(kind, payload)).toBe(time);
  });
});

describe('parseEventPayload', () => {
  it.each(SIGNED.map(({ name, event }) => [name, event] as const))('reads the signed event %s', (_name, event) => {
    expect(parseEventPayload(event.kind, event.payload)).toEqual({ kind: event.kind, payload: event.payload });
  });

  it.each([
    ['create_channel', { ...EXAMPLES[1]![1], initial_member_slugs: ['bob-0f42'], is_public: true }],
    ['invite_to_space', { ...EXAMPLES[2]![1], invitee_role: null, initial_channel_ids: [channel_id] }],
    ['invite_to_space', { ...EXAMPLES[2]![1], invitee_role: 'guest', initial_channel_ids: [] }],
    ['add_to_channel', { ...EXAMPLES[16]![1], source_redemption_id: 'red_1' }],
    ['create_invite_capability', { ...capability, max_uses: 3, scope: { space_grant: null, channel_grants: [] } }],
  ])('reads the optional members of %s', (kind, payload) => {
    expect(parseEventPayload(kind, payload)).toEqual({ kind, payload });
  });

  it.each([
    ['create_space', 'name', { name: '' }],
    ['create_space', 'name', { name: 'x'.repeat(81) }],
    ['create_channel', 'is_public', { is_public: 'yes' }],
    ['create_channel', 'initial_member_slugs[1]', { initial_member_slugs: ['bob-0f42', 'Bob'] }],
    ['create_channel', 'initial_member_slugs', { initial_member_slugs: Array.from({ length: 100_000 }, () => 'Bob') }],
    ['update_role', 'new_role', { new_role: 'owner' }],
    ['create_invite_capability', 'max_uses', { max_uses: 0 }],
    ['create_invite_capability', 'invite_id', { invite_id: 'red_1' }],
    ['create_invite_capability', 'scope.space_grant', { scope: { channel_grants: [] } }],
    ['create_invite_capability', 'scope.later', { scope: { space_grant: null, channel_grants: [], later: 1 } }],
    [
      'create_invite_capability',
      'scope.channel_grants[0].channel_id',
      { scope: { space_grant: null, channel_grants: [{ channel_id: 'ch_1', role: 'member' }] } },
    ],
  ])('refuses a payload of %s with a wrong %s', (kind, field, changes) => {
    const [, payload] = EXAMPLES.find(([name]) => name === kind)!;
    expect(() => parseEventPayload(kind, { ...payload, ...changes })).toThrow(refusal(field));
  });

  it('reads the acceptance that a server made for a member, once told to', () => {
    const payload = { ...EXAMPLES[5]![1], channel_name: 'General', original_invite: { type: 'signed_event' } };
    expect(() => parseEventPayload('accept_channel_invite', payload)).toThrow(refusal('channel_name'));
    const read = parseEventPayload('accept_channel_invite', payload, { unknownMembers: 'ignore' });
    expect(read).toEqual({ kind: 'accept_channel_invite', payload: EXAMPLES[5]![1] });
  });

  it.each([['rename_space'], ['constructor'], ['__proto__'], ['']])('reports the kind %j as unknown', (kind) => {
    expect(parseEventPayload(kind, 'whatever')).toEqual({ kind: 'unknown', name: kind });
    expect(isEventKind(kind)).toBe(false);
  });

  it.each([[null], [[]], ['x'], [undefined]])('refuses %j, which is no payload', (payload) => {
    expect(() => parseEventPayload('leave_space', payload)).toThrow(/^Cannot read event leave_space: it is /);
  });

  it('returns or throws a ProtocolError for any JSON', () => {
    const kind = fc.constantFrom(...EXAMPLES.map(([name]) => name), 'later');
    const changes = fc.dictionary(
      fc.constantFrom('name', 'scope', 'nonce', 'x', '__proto__'),
      fc.jsonValue({ maxDepth: 3 }),
    );
    fc.assert(
      fc.property(kind, changes, fc.jsonValue({ maxDepth: 3 }), (name, changed, other) => {
        const payload = EXAMPLES.find(([known]) => known === name)?.[1];
        expect(isReadOrRefused(() => parseEventPayload(name, { ...payload, ...changed }))).toBe(true);
        expect(isReadOrRefused(() => parseEventPayload(name, other))).toBe(true);
      }),
    );
  });

  it('gives each kind its members', () => {
    expectTypeOf<EventPayload<'create_space'>['name']>().toEqualTypeOf<string>();
    expectTypeOf<Extract<ParsedEvent, { kind: 'leave_space' }>['payload']['effective_from']>().toEqualTypeOf<number>();
    expectTypeOf<Extract<ParsedEvent, { kind: 'unknown' }>['name']>().toEqualTypeOf<string>();
  });
});

describe('eventTimeOf', () => {
  it.each(VECTORS.vectors.replay_entries.map(({ entry }) => [entry.kind, entry] as const))(
    'is what the log says of %s',
    (_kind, entry) => {
      expect(eventTimeOf(entry.kind, entry.payload)).toBe(entry.payload_issued_at);
    },
  );

  it.each([
    ['an unknown kind', 'rename_space', { created_at: at }],
    ['a payload without its time', 'leave_space', {}],
    ['a time that is none', 'leave_space', { effective_from: '1' }],
    ['the time of another kind', 'leave_space', { created_at: at }],
    ['an inherited member', 'leave_space', Object.create({ effective_from: at }) as Payload],
  ])('is undefined for %s', (_name, kind, payload) => {
    expect(eventTimeOf(kind, payload)).toBeUndefined();
  });
});

function isReadOrRefused(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    return error instanceof ProtocolError;
  }
}
