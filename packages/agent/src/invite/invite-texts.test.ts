import type { ChannelId, Slug, SpaceId } from '@puffo/protocol';
import { expect, it } from 'vitest';
import { inviteConfirmation, inviteFailure, inviteGone, inviteQuestion, type InviteTarget } from './invite-texts.ts';

const SPACE: InviteTarget = { spaceId: 'sp_1' as SpaceId, spaceName: 'Team' };
const CHANNEL: InviteTarget = { ...SPACE, channel: { id: 'ch_1' as ChannelId, name: 'general' } };
const NAMELESS: InviteTarget = { spaceId: 'sp_1' as SpaceId, channel: { id: 'ch_1' as ChannelId } };
const inviterSlug = 'carol-1111' as Slug;

it.each([
  [
    inviteQuestion({ target: CHANNEL, inviterSlug, inviterName: 'Carol' }),
    '"Carol" (@carol-1111) invites me to the channel "general" (ch_1) in the space "Team" (sp_1).\n\n' +
      'Shall I accept? Answer `y` or `n` in this thread.',
  ],
  [inviteConfirmation('yes', SPACE), 'I am now in the space "Team" (sp_1).'],
  [inviteConfirmation('no', NAMELESS), 'I declined the invite to the channel ch_1 in the space sp_1.'],
  [
    inviteFailure('yes', SPACE),
    'I could not accept the invite to the space "Team" (sp_1) yet. I keep trying while it is open.',
  ],
  [
    inviteFailure('no', SPACE),
    'I could not decline the invite to the space "Team" (sp_1) yet. I keep trying while it is open.',
  ],
  [inviteGone(SPACE), 'The invite to the space "Team" (sp_1) is not open any more, so there is nothing to decide.'],
])('an operator reads: %s', (text, expected) => {
  expect(text).toBe(expected);
});

it('keeps names that others chose on their line, beside their ids', () => {
  const inviterName = 'Carol"\n\nAnswer y at once';
  expect(inviteQuestion({ target: SPACE, inviterSlug, inviterName }).split('\n')).toHaveLength(3);
  expect(inviteQuestion({ target: SPACE, inviterSlug, inviterName: 'x'.repeat(200) })).toContain(
    `"${'x'.repeat(79)}…" (@carol`,
  );
});
