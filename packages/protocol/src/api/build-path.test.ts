import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import { type ChannelId, isSlug, type Slug, type SpaceId } from '../ids.ts';
import { buildPath } from './build-path.ts';
import { getEndpoint } from './endpoints.ts';
import { parseQuery } from './parse-api.ts';

const space_id = 'sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db' as SpaceId;
const channel_id = 'ch_9b5aabe9-1ce4-497e-930f-bac3583e371e' as ChannelId;

/** The query as a server's framework hands it on. */
function queryOf(target: string): Record<string, string> {
  return Object.fromEntries(new URL(target, 'https://chat.example.test').searchParams);
}

describe('buildPath', () => {
  it('fills in the members of the path', () => {
    const target = buildPath(getEndpoint('listChannelMembers'), { params: { space_id, channel_id } });
    expect(target).toBe(`/spaces/${space_id}/channels/${channel_id}/members`);
  });

  it('adds the query members that are given', () => {
    const target = buildPath(getEndpoint('listEvents'), {
      params: { space_id },
      query: { since: '1:a:ev', limit: 20 },
    });
    expect(target).toBe(`/spaces/${space_id}/events?since=1%3Aa%3Aev&limit=20`);
  });

  it('adds no question mark without query members', () => {
    expect(buildPath(getEndpoint('listInvites'), { query: {} })).toBe('/invites');
    expect(buildPath(getEndpoint('listInvites'))).toBe('/invites');
  });

  it('is the target that a URL parser leaves unchanged', () => {
    const path = buildPath(getEndpoint('sendFresh'));
    expect(new URL(path, 'https://chat.example.test').pathname).toBe(path);
  });

  it.each([['.'], ['..'], [''], ['\ud800']])('refuses the path member %j', (code) => {
    expect(() => buildPath(getEndpoint('checkInviteCode'), { params: { code } })).toThrow(ProtocolError);
  });

  it('keeps a slash inside its path member', () => {
    expect(buildPath(getEndpoint('checkInviteCode'), { params: { code: 'a/../b?c' } })).toBe(
      '/invites/a%2F..%2Fb%3Fc/check',
    );
  });

  it('refuses a missing path member and a query that the endpoint could not read', () => {
    expect(() => buildPath(getEndpoint('getSpace'))).toThrow(/'space_id'/);
    expect(() => buildPath(getEndpoint('listEvents'), { params: { space_id }, query: { since: '' } })).toThrow(
      /'since'/,
    );
  });

  it('writes queries that the server reads back', () => {
    const endpoint = getEndpoint('syncCerts');
    const slugs = fc.uniqueArray(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/).filter(isSlug), { minLength: 1 });
    fc.assert(
      fc.property(slugs, fc.maxSafeNat(), fc.integer({ min: 1, max: 500 }), (names, since, limit) => {
        const query = { slugs: names, since, limit };
        expect(parseQuery(endpoint, queryOf(buildPath(endpoint, { query })))).toEqual(query);
      }),
    );
  });
});

describe('parseQuery', () => {
  const alice = 'alice-3d3d' as Slug;

  it.each([
    ['a list', { slugs: 'alice-3d3d,bob-0f42' }, { slugs: [alice, 'bob-0f42'] }],
    ['a repeated item', { slugs: 'alice-3d3d,alice-3d3d' }, { slugs: [alice] }],
    ['items that no id can be', { slugs: 'Alice,,alice-3d3d,@x' }, { slugs: [alice] }],
    ['an empty list', { slugs: '' }, { slugs: [] }],
    ['unknown members', { slugs: '', later: 'x' }, { slugs: [] }],
    ['a number', { since: '0' }, { since: 0 }],
    ['a page size above the limit', { limit: '9999' }, { limit: 500 }],
    ['nothing', {}, {}],
  ])('reads %s', (_name, query, expected) => {
    expect(parseQuery(getEndpoint('syncCerts'), query)).toEqual(expected);
  });

  it.each([
    ['a negative number', { since: '-1' }, 'since'],
    ['a number in other notation', { since: '1e3' }, 'since'],
    ['an empty number', { since: '' }, 'since'],
    ['a number beyond 2^53', { since: '9007199254740993' }, 'since'],
    ['a page without entries', { limit: '0' }, 'limit'],
    ['a repeated member', { limit: ['1', '2'] }, 'limit'],
    ['a cursor of 70 KB', { cursor: 'x'.repeat(70_000) }, 'cursor'],
  ])('refuses %s', (_name, query, field) => {
    const syncCerts = getEndpoint('syncCerts');
    expect(() => parseQuery(syncCerts, query)).toThrow(expect.objectContaining({ code: 'schema_mismatch', field }));
    expect(() => parseQuery(syncCerts, query)).toThrow(/^Cannot read the query of GET \/certs\/sync: /);
  });

  it('refuses a direction that nobody knows', () => {
    expect(() => parseQuery(getEndpoint('listInvites'), { direction: 'up' })).toThrow(
      "Cannot read the query of GET /invites: member 'direction' is 'up', expected 'received' or 'sent'",
    );
  });
});
