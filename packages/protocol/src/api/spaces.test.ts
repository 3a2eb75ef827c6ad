import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { getEndpoint } from './endpoints.ts';
import { parseAnswer, parseBody, parseParams } from './parse-api.ts';

const space_id = 'sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db';
const channel_id = 'ch_9b5aabe9-1ce4-497e-930f-bac3583e371e';

describe('the answer of GET /spaces', () => {
  it.each([
    ['of an 0.7.2-era server', { space_id, name: 'Team' }],
    ['with an empty name', { space_id, name: '' }],
    ['with nulls', { space_id, name: 'Team', latest_event_cursor: null, description: null, archived_at: null }],
    ['with a role that nobody knows yet', { space_id, name: 'Team', role: 'guest' }],
  ])('reads an entry %s', (_name, entry) => {
    expect(parseAnswer(getEndpoint('listSpaces'), { spaces: [entry] }).spaces).toMatchObject({ unreadable: 0 });
  });

  it('does not take an empty body for an empty list', () => {
    expect(() => parseAnswer(getEndpoint('listSpaces'), undefined)).toThrow(
      "Cannot read the answer of GET /spaces: member 'spaces' is missing, expected an array",
    );
  });
});

describe('the members of a channel', () => {
  it('are read without those that have no slug', () => {
    const members = [{ slug: 'alice-3d3d', role: 'owner' }, { role: 'member' }, { slug: 'bob-0f42' }];
    const read = parseAnswer(getEndpoint('listChannelMembers'), { members });
    expect(read.members).toEqual({ items: [members[0], members[2]], unreadable: 1 });
  });
});

describe('the answer of GET /spaces/{space_id}/channels', () => {
  it('does not make an unencrypted channel of one that says nothing', () => {
    const { channels } = parseAnswer(getEndpoint('listChannels'), { channels: [{ channel_id, name: 'General' }] });
    expect(channels.items[0]?.is_encrypted).toBeUndefined();
  });
});

describe('the body of PATCH /spaces/{space_id}', () => {
  it.each([
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(LIMITS.nameCharacters + 1) }],
    ['description', { description: 5 }],
    ['avatar_url', { avatar_url: null }],
  ])('refuses a wrong %s', (field, body) => {
    expect(() => parseBody(getEndpoint('updateSpace'), body)).toThrow(expect.objectContaining({ field }));
  });
});

describe('an answer that only confirms', () => {
  it.each([[undefined], [{}], [{ ok: true }]])('may be %j', (answer) => {
    expect(() => parseAnswer(getEndpoint('deleteSpace'), answer)).not.toThrow();
  });
});

describe('the path of a channel', () => {
  it.each([
    ['space_id', { space_id: 'sp_1', channel_id }],
    ['channel_id', { space_id, channel_id: space_id }],
    ['channel_id', { space_id }],
  ])('names the wrong member %s', (field, params) => {
    expect(() => parseParams(getEndpoint('listChannelMembers'), params)).toThrow(expect.objectContaining({ field }));
  });
});

describe('the events of a space', () => {
  const entry = {
    seq: 1,
    event_id: 'ev_36fc7cc2-72bc-43e8-adae-4c5b1e91fd9c',
    kind: 'create_channel',
    signer_slug: 'alice-3d3d',
    signer_device_id: '',
    signer_subkey_id: '',
    payload: { space_id },
    signature: 'server-auto:default-general-channel',
    payload_issued_at: 1_778_400_000_000,
  };

  it('are read when the server itself made them', () => {
    const answer = { events: [entry, { ...entry, kind: 'later_kind' }], next_cursor: null, has_more: false };
    expect(parseAnswer(getEndpoint('listEvents'), answer).events).toMatchObject({ unreadable: 0 });
  });

  it('are read without those that have no payload', () => {
    const answer = { events: [{ ...entry, payload: null }, entry], has_more: true, next_cursor: '2' };
    expect(parseAnswer(getEndpoint('listEvents'), answer).events).toEqual({ items: [entry], unreadable: 1 });
  });

  it.each([
    ['space_id', { events: [] }],
    ['events', { space_id }],
    ['events', { space_id, events: Array.from({ length: LIMITS.eventsPerBatch + 1 }, () => ({})) }],
    ['events[1]', { space_id, events: [{}, 'x'] }],
    ['is_encrypted', { space_id, events: [], is_encrypted: 'no' }],
  ])('are not posted with a wrong %s', (field, body) => {
    expect(() => parseBody(getEndpoint('postEvents'), body)).toThrow(expect.objectContaining({ field }));
  });
});
