// Who has to hear of what was committed in a space. Hints only: the tables are the truth. spec: wire-protocol 8.6, 14.1
import type { JsonObject } from '@puffo/base';
import type { Slug, SpaceId } from '@puffo/protocol';
import type { Effect } from '../events/effect.ts';
import type { Hub } from '../realtime/hub.ts';
import { listMemberSlugs, type Writer } from './space-store.ts';

export interface SpaceChange {
  readonly spaceId: SpaceId;
  /** In the order of the log. */
  readonly events: readonly JsonObject[];
  /** Members, and those who were removed or invited. */
  readonly audience: readonly Slug[];
  /** Whose own membership or role is another one now. */
  readonly changedMembers: readonly Slug[];
}

/** Call at the end of the transaction. */
export async function collectSpaceChange(
  transaction: Writer,
  { spaceId, events, effects }: { spaceId: SpaceId; events: readonly JsonObject[]; effects: readonly Effect[] },
): Promise<SpaceChange> {
  const members = await listMemberSlugs(transaction, spaceId);
  const changedMembers = new Set<Slug>();
  const audience = new Set(members);
  for (const effect of effects) {
    if (effect.kind === 'open-invite') audience.add(effect.invite.inviteeSlug);
    if (!isMembershipEffect(effect)) continue;
    audience.add(effect.slug);
    changedMembers.add(effect.slug);
  }
  return { spaceId, events, audience: Array.from(audience), changedMembers: Array.from(changedMembers) };
}

/** Call after the commit. */
export function announceSpaceChange(hub: Hub, { spaceId, events, audience, changedMembers }: SpaceChange): void {
  for (const event of events) hub.notify(audience, { type: 'event', scope: spaceId, event });
  if (changedMembers.length > 0) hub.notify(changedMembers, { type: 'space_membership_changed', space_id: spaceId });
}

type MembershipEffect = Extract<
  Effect,
  { kind: 'join-space' | 'join-channel' | 'leave-space' | 'leave-channel' | 'set-role' }
>;

function isMembershipEffect(effect: Effect): effect is MembershipEffect {
  const { kind } = effect;
  return (
    kind === 'join-space' ||
    kind === 'join-channel' ||
    kind === 'leave-space' ||
    kind === 'leave-channel' ||
    kind === 'set-role'
  );
}
