import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { getEndpoint } from './endpoints.ts';
import { parseAnswer, parseBody } from './parse-api.ts';

const updateProfile = getEndpoint('updateProfile');
const listProfiles = getEndpoint('listProfiles');

describe('the body of PATCH /identities/self', () => {
  it.each([
    ['nothing at all', undefined, {}],
    ['no members', {}, {}],
    ['empty texts, which clear', { display_name: '', avatar_url: '' }, { display_name: '', avatar_url: '' }],
    ['a role with its short form', { role: 'Helper', role_short: 'H' }, { role: 'Helper', role_short: 'H' }],
    [
      'a soul up to the limit',
      { soul: 's'.repeat(LIMITS.soulCharacters) },
      { soul: 's'.repeat(LIMITS.soulCharacters) },
    ],
    ['members of later clients', { mood: 'fine' }, {}],
  ])('reads %s', (_name, body, expected) => {
    expect(parseBody(updateProfile, body)).toEqual(expected);
  });

  it.each([
    ['display_name', { display_name: 'x'.repeat(LIMITS.nameCharacters + 1) }],
    ['display_name', { display_name: null }],
    ['avatar_url', { avatar_url: 'x'.repeat(70_000) }],
    ['bio', { bio: 'x'.repeat(LIMITS.bioCharacters + 1) }],
    ['role', { role: 'x'.repeat(LIMITS.roleCharacters + 1) }],
    ['role_short', { role: 'x', role_short: 'x'.repeat(LIMITS.roleShortCharacters + 1) }],
    ['role_short', { role_short: 'H' }],
    ['soul', { soul: 'x'.repeat(LIMITS.soulCharacters + 1) }],
  ])('refuses a wrong %s', (field, body) => {
    expect(() => parseBody(updateProfile, body)).toThrow(expect.objectContaining({ code: 'schema_mismatch', field }));
  });
});

describe('the answer of GET /identities/profiles', () => {
  it.each([
    ['only a slug', { slug: 'bob-0f42' }],
    ['nulls', { slug: 'bob-0f42', username: null, display_name: null, avatar_url: null, bio: null, owner_slug: null }],
    ['empty texts', { slug: 'bob-0f42', username: '', display_name: '', avatar_url: '', bio: '', owner_slug: '' }],
    ['an identity type that nobody knows yet', { slug: 'bob-0f42', identity_type: 'machine' }],
  ])('reads a profile of %s', (_name, profile) => {
    expect(parseAnswer(listProfiles, { profiles: [profile] }).profiles.items).toHaveLength(1);
  });

  it('tells absent from empty', () => {
    const { profiles } = parseAnswer(listProfiles, { profiles: [{ slug: 'bob-0f42', bio: '', role: null }] });
    expect(profiles.items[0]?.bio).toBe('');
    expect(profiles.items[0]?.role).toBeUndefined();
    expect(profiles.items[0]?.identity_type).toBeUndefined();
  });

  it('counts a profile without a slug', () => {
    expect(parseAnswer(listProfiles, { profiles: [{ username: 'bob' }] }).profiles).toEqual({
      items: [],
      unreadable: 1,
    });
  });
});
