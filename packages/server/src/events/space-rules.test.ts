// Spaces, channels and roles: what else has to hold, and what follows. spec: wire-protocol 8.4, 8.7
import type { Slug } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import {
  AT,
  ME,
  OTHER,
  CHANNEL,
  channel,
  createSpaceFacts,
  createChannelFacts,
  removalFacts,
  channelRemovalFacts,
  roleFacts,
  codeOf,
  effectsOf,
  yes,
  no,
  owner,
  member,
  outsider,
  agent,
} from '../../test/kit/event-facts.ts';
import { decideCreateChannel, decideLeaveChannel, decideRemoveFromChannel } from './channel-rules.ts';
import { decideTransfer, decideUpdateRole } from './role-rules.ts';
import { decideCreateSpace, decideLeaveSpace, decideRemoveFromSpace } from './space-rules.ts';
import type { Decision } from './effect.ts';

/** One thing changed at a time. */
const CASES: readonly (readonly [string, Decision, string])[] = [
  ['a space id is new', decideCreateSpace({ ...createSpaceFacts, actor: member, isIdTaken: true }), 'CONFLICT'],
  [
    'agents create spaces where the server allows it',
    decideCreateSpace({ ...createSpaceFacts, actor: agent, agentsMayCreateSpaces: true }),
    yes,
  ],
  ['a channel id is new', decideCreateChannel({ ...createChannelFacts, actor: owner, isIdTaken: true }), 'CONFLICT'],
  ['channels are limited', decideCreateChannel({ ...createChannelFacts, actor: owner, isSpaceFull: true }), 'CONFLICT'],
  [
    'members create channels where the server allows it',
    decideCreateChannel({ ...createChannelFacts, actor: member, membersMayCreateChannels: true }),
    yes,
  ],
  [
    'outsiders create no channels whatever the server allows',
    decideCreateChannel({ ...createChannelFacts, actor: outsider, membersMayCreateChannels: true }),
    no,
  ],
  [
    'an unknown channel is not left',
    decideLeaveChannel({ actor: member, channel: undefined, isMember: false }),
    'NOT_FOUND',
  ],
  ['a channel of others is not left', decideLeaveChannel({ actor: member, channel, isMember: false }), no],
  [
    'a public channel is not left alone',
    decideLeaveChannel({ actor: member, channel: { ...channel, isPublic: true }, isMember: true }),
    'CONFLICT',
  ],
  [
    'only members are removed',
    decideRemoveFromSpace({ ...removalFacts, actor: owner, targetRole: undefined }),
    'NOT_FOUND',
  ],
  [
    'the owner is not removed',
    decideRemoveFromSpace({ ...removalFacts, actor: owner, targetRole: 'owner' }),
    'CONFLICT',
  ],
  [
    'the owner of a channel removes from it',
    decideRemoveFromChannel({ ...channelRemovalFacts, actor: member, channel: { ...channel, ownerSlug: ME } }),
    yes,
  ],
  [
    'the owner of a channel does not remove the owner of the space',
    decideRemoveFromChannel({
      ...channelRemovalFacts,
      actor: member,
      channel: { ...channel, ownerSlug: ME },
      isTargetSpaceOwner: true,
    }),
    'CONFLICT',
  ],
  [
    'who once owned a channel and left the space removes nobody',
    decideRemoveFromChannel({ ...channelRemovalFacts, actor: outsider, channel: { ...channel, ownerSlug: ME } }),
    no,
  ],
  [
    'only members of a channel are removed',
    decideRemoveFromChannel({ ...channelRemovalFacts, actor: owner, isTargetMember: false }),
    'NOT_FOUND',
  ],
  [
    'only members get roles',
    decideUpdateRole({ ...roleFacts, actor: owner, targetRole: undefined, newRole: 'admin' }),
    'NOT_FOUND',
  ],
  [
    'the roleFacts of the owner stays',
    decideUpdateRole({ ...roleFacts, actor: owner, targetRole: 'owner', newRole: 'member' }),
    'CONFLICT',
  ],
  [
    'only members become owner',
    decideTransfer({ ...roleFacts, actor: owner, targetRole: undefined, targetType: 'human' }),
    'NOT_FOUND',
  ],
  ['agents do not become owner', decideTransfer({ ...roleFacts, actor: owner, targetType: 'agent' }), no],
  [
    'the owner does not become owner',
    decideTransfer({ ...roleFacts, actor: owner, targetRole: 'owner', targetType: 'human' }),
    'CONFLICT',
  ],
];

describe('spaces, channels and roles', () => {
  it.each(CASES)('%s', (_name, decision, expected) => {
    expect(codeOf(decision)).toBe(expected);
  });

  it('makes the public channel General together with a space, before the owner joins it', () => {
    const effects = effectsOf(decideCreateSpace({ ...createSpaceFacts, actor: outsider }));

    expect(effects.map(({ kind }) => kind)).toEqual(['add-space', 'join-space', 'emit', 'add-channel', 'join-channel']);
    expect(effects[1]).toEqual({ kind: 'join-space', slug: ME, role: 'owner' });
    expect(effects[3]).toEqual({
      kind: 'add-channel',
      channel: { channelId: CHANNEL, name: 'General', isPublic: true, ownerSlug: ME },
    });
  });

  it('lets the maker of a channel join once, also when listed', () => {
    const decision = decideCreateChannel({ ...createChannelFacts, actor: owner, initialMembers: [ME, OTHER] });

    expect(effectsOf(decision).slice(1)).toEqual([
      { kind: 'join-channel', channelId: CHANNEL, slug: ME, role: 'owner' },
      { kind: 'join-channel', channelId: CHANNEL, slug: OTHER, role: 'member' },
    ]);
  });

  it.each([
    ['who leaves', decideLeaveSpace({ actor: member, agents: ['agent-0001' as Slug], at: AT }), ME],
    ['who is removed', decideRemoveFromSpace({ ...removalFacts, actor: owner, agents: ['agent-0001' as Slug] }), OTHER],
  ])('takes the agents along with %s', (_name, decision, leaver) => {
    expect(effectsOf(decision)).toEqual([
      { kind: 'leave-space', slug: leaver },
      {
        kind: 'emit',
        event: {
          kind: 'leave_space',
          signerSlug: 'agent-0001',
          marker: 'server-auto:agent-cascade-leave-space',
          payload: { effective_from: AT },
        },
      },
      { kind: 'leave-space', slug: 'agent-0001' },
    ]);
  });

  it('swaps the roles when a space is handed over', () => {
    expect(effectsOf(decideTransfer({ ...roleFacts, actor: owner, targetType: 'human' }))).toEqual([
      { kind: 'set-role', slug: ME, role: 'admin' },
      { kind: 'set-role', slug: OTHER, role: 'owner' },
      { kind: 'set-owner', slug: OTHER },
    ]);
  });
});
