import { describe, expect, it } from 'vitest';
import { getEndpoint } from './endpoints.ts';
import { parseAnswer } from './parse-api.ts';

const listInvites = getEndpoint('listInvites');
const entry = {
  invitation_event_id: 'ev_f5829055-1cff-4f3a-bd79-9e15d8b18600',
  scope: 'space',
  space_id: 'sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db',
  channel_id: null,
  inviter_slug: 'alice-3d3d',
  invitee_slug: 'helper-9a7c',
  issued_at: 1_778_400_000_002,
  space_name: 'Team ✨',
  channel_name: null,
};
const channel_id = 'ch_9b5aabe9-1ce4-497e-930f-bac3583e371e';

function readOne(invite: unknown) {
  return parseAnswer(listInvites, { invites: [invite] }).invites;
}

describe('an entry of GET /invites', () => {
  it('is read as 0.7.2-era servers write it', () => {
    const { items } = readOne(entry);
    expect(items[0]).toMatchObject({ scope: 'space', space_name: 'Team ✨' });
    expect(items[0]?.channel_id).toBeUndefined();
  });

  it.each([
    ['the least that is needed', { ...entry, invitee_slug: undefined, issued_at: null, space_name: null }],
    ['a channel', { ...entry, scope: 'channel', channel_id }],
    ['a scope that nobody knows yet', { ...entry, scope: 'galaxy' }],
  ])('is read with %s', (_name, invite) => {
    expect(readOne(invite)).toMatchObject({ unreadable: 0 });
  });

  it.each([
    ['invitation_event_id', { ...entry, invitation_event_id: undefined }],
    ['inviter_slug', { ...entry, inviter_slug: undefined }],
    ['space_id', { ...entry, space_id: undefined }],
    ['scope', { ...entry, scope: undefined }],
    ['channel_id of a channel', { ...entry, scope: 'channel' }],
  ])('is passed over without its %s, and others stay', (_name, invite) => {
    const { invites } = parseAnswer(listInvites, { invites: [invite, entry] });
    expect(invites.items).toHaveLength(1);
    expect(invites.unreadable).toBe(1);
  });

  it('is read with what newer servers add', () => {
    const event = { type: 'signed_event' };
    const { items } = readOne({
      ...entry,
      state: 'Pending',
      role: 'member',
      initial_channel_ids: [channel_id],
      issued_at_ms: 1,
      handler_event_id: null,
      invitation_event: { server_seq: 4, server_received_at_ms: 5, event },
      bootstrap: { Space: { proof_events: [event, null] } },
    });
    expect(items[0]?.invitation_event?.event).toBe(event);
    expect(items[0]?.bootstrap?.Space?.proof_events).toEqual({ items: [event], unreadable: 1 });
    expect(items[0]?.initial_channel_ids?.items).toEqual([channel_id]);
  });

  it('is not lost to a newer member of another shape', () => {
    const { items } = readOne({ ...entry, state: 7, invitation_event: 'x', bootstrap: { Channel: {} }, role: [] });
    expect(items).toHaveLength(1);
    expect(items[0]?.invitation_event).toBeUndefined();
    expect(items[0]?.bootstrap).toEqual({});
  });
});

describe('invite links', () => {
  it('hand on answers whose shape is not known', () => {
    const answer = { links: [{ code: 'x' }] };
    expect(parseAnswer(getEndpoint('listInviteLinks'), answer)).toBe(answer);
    expect(() => parseAnswer(getEndpoint('listInviteLinks'), [])).toThrow(/it is an array, expected an object/);
  });
});

describe('trust lists', () => {
  it('are read with targets that nobody knows yet', () => {
    const blocks = [
      { target: 'user', id: 'mallory-6b6b' },
      { target: 'space', id: 'sp_1' },
    ];
    expect(parseAnswer(getEndpoint('listBlocked'), { blocks }).blocks).toEqual({ items: blocks, unreadable: 0 });
  });
});
