// Links: what else has to hold, and what follows. spec: wire-protocol 14.5
import { describe, expect, it } from 'vitest';
import {
  AT,
  ME,
  OTHER,
  SECOND_CHANNEL,
  channels,
  scope,
  link,
  createLinkFacts,
  redeemLinkFacts,
  codeOf,
  kindsOf,
  yes,
  no,
  owner,
  admin,
  member,
  outsider,
} from '../../test/kit/event-facts.ts';
import { decideCreateLink, decideRedeemLink, decideRevokeLink } from './link-rules.ts';
import type { Decision } from './effect.ts';

/** One thing changed at a time. */
const CASES: readonly (readonly [string, Decision, string])[] = [
  ['a link id is new', decideCreateLink({ ...createLinkFacts, actor: owner, isIdTaken: true }), 'CONFLICT'],
  ['a link has not expired', decideCreateLink({ ...createLinkFacts, actor: owner, expiresAt: AT }), 'INVALID_PAYLOAD'],
  [
    'a link grants something',
    decideCreateLink({ ...createLinkFacts, actor: owner, scope: { space_grant: null, channel_grants: [] } }),
    'INVALID_PAYLOAD',
  ],
  [
    'an admin makes no link for admins',
    decideCreateLink({ ...createLinkFacts, actor: admin, scope: { ...scope, space_grant: { role: 'admin' } } }),
    no,
  ],
  [
    'nobody makes a link for owners',
    decideCreateLink({ ...createLinkFacts, actor: owner, scope: { ...scope, space_grant: { role: 'owner' } } }),
    'INVALID_PAYLOAD',
  ],
  [
    'a link opens only what is open to its maker',
    decideCreateLink({ ...createLinkFacts, actor: owner, channels: { ...channels, areOpenToInviter: false } }),
    no,
  ],
  [
    'an unknown link is not redeemed',
    decideRedeemLink({ ...redeemLinkFacts, actor: outsider, link: undefined }),
    'NOT_FOUND',
  ],
  [
    'a revoked link is not redeemed',
    decideRedeemLink({ ...redeemLinkFacts, actor: outsider, link: { ...link, revokedAt: AT } }),
    'GONE',
  ],
  ['an expired link is not redeemed', decideRedeemLink({ ...redeemLinkFacts, actor: outsider, at: AT + 1 }), 'GONE'],
  [
    'a link that is used up is not redeemed',
    decideRedeemLink({ ...redeemLinkFacts, actor: outsider, link: { ...link, uses: 2 } }),
    'GONE',
  ],
  [
    'a redemption id is new',
    decideRedeemLink({ ...redeemLinkFacts, actor: outsider, isRedemptionIdTaken: true }),
    'CONFLICT',
  ],
  [
    'a member redeems once',
    decideRedeemLink({ ...redeemLinkFacts, actor: member, hasRedeemedBefore: true }),
    'repeated',
  ],
  [
    'who was removed does not come back by the same link',
    decideRedeemLink({ ...redeemLinkFacts, actor: outsider, hasRedeemedBefore: true }),
    'CONFLICT',
  ],
  [
    'nobody redeems for others',
    decideRedeemLink({ ...redeemLinkFacts, actor: outsider, redeemer: { ...redeemLinkFacts.redeemer, slug: OTHER } }),
    no,
  ],
  [
    'a link to channels is for members',
    decideRedeemLink({
      ...redeemLinkFacts,
      actor: outsider,
      link: { ...link, scope: { ...scope, space_grant: null } },
    }),
    no,
  ],
  [
    'a full space takes nobody by a link',
    decideRedeemLink({ ...redeemLinkFacts, actor: outsider, isSpaceFull: true }),
    'CONFLICT',
  ],
  ['the maker revokes a link', decideRevokeLink({ actor: member, link: { ...link, creatorSlug: ME } }), yes],
  [
    'a link is revoked again without effect',
    decideRevokeLink({ actor: owner, link: { ...link, revokedAt: AT } }),
    'repeated',
  ],
  ['an unknown link is not revoked', decideRevokeLink({ actor: owner, link: undefined }), 'NOT_FOUND'],
];

describe('invite links', () => {
  it.each(CASES)('%s', (_name, decision, expected) => {
    expect(codeOf(decision)).toBe(expected);
  });

  it('brings who redeems a link into the space, General and the channels of the link', () => {
    expect(kindsOf(decideRedeemLink({ ...redeemLinkFacts, actor: outsider }))).toEqual([
      'use-link',
      'join-space',
      'supersede-invites',
      'join-channel',
      'emit',
      'join-channel',
    ]);
  });

  it('adds a member who redeems a link to channels only, once each', () => {
    const decision = decideRedeemLink({ ...redeemLinkFacts, actor: member, joinedChannelIds: [SECOND_CHANNEL] });

    expect(kindsOf(decision)).toEqual(['use-link']);
  });
});
