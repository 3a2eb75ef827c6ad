// Writes what a rule decided, inside the transaction that also appends the event. spec: wire-protocol appendix C
import type { JsonObject, Random } from '@puffo/base';
import type { EventId, Slug, SpaceId } from '@puffo/protocol';
import type { Writer } from '../spaces/space-store.ts';
import type { Effect, NewChannel, NewInvite, NewLink } from './effect.ts';
import { emitEvent } from './event-store.ts';

export interface EffectPlace {
  readonly spaceId: SpaceId;
  /** The event that the effects follow from; `null`: an act of the server alone. */
  readonly eventId: EventId | null;
  readonly at: number;
  readonly random: Random;
}

/** Returns the events that were added on the way. */
export async function applyEffects(
  transaction: Writer,
  effects: readonly Effect[],
  place: EffectPlace,
): Promise<readonly JsonObject[]> {
  const emitted: JsonObject[] = [];
  for (const effect of effects) {
    if (effect.kind === 'emit') emitted.push(await emitEvent(transaction, { ...place, event: effect.event }));
    else await applyEffect(transaction, effect, place);
  }
  return emitted;
}

async function applyEffect(
  transaction: Writer,
  effect: Exclude<Effect, { kind: 'emit' }>,
  place: EffectPlace,
): Promise<void> {
  const { spaceId, at } = place;
  switch (effect.kind) {
    case 'add-space':
      return addSpace(transaction, effect, place);
    case 'add-channel':
      return addChannel(transaction, effect.channel, place);
    case 'join-space':
      return joinSpace(transaction, effect, place);
    case 'join-channel':
      return joinChannel(transaction, effect, place);
    case 'leave-space':
      return leaveSpace(transaction, effect.slug, place);
    case 'leave-channel':
      return leaveChannel(transaction, effect);
    case 'set-role':
      await transaction
        .updateTable('space_members')
        .set({ role: effect.role })
        .where('space_id', '=', spaceId)
        .where('slug', '=', effect.slug)
        .execute();
      return;
    case 'set-owner':
      await transaction
        .updateTable('spaces')
        .set({ owner_slug: effect.slug })
        .where('space_id', '=', spaceId)
        .execute();
      return;
    case 'open-invite':
      return openInvite(transaction, effect.invite, spaceId);
    case 'close-invite':
      await transaction
        .updateTable('invites')
        .set({ state: effect.state, handler_event_id: place.eventId })
        .where('invitation_event_id', '=', effect.invitationEventId)
        .execute();
      return;
    case 'supersede-invites':
      await transaction
        .updateTable('invites')
        .set({ state: 'superseded', handler_event_id: place.eventId })
        .where('space_id', '=', spaceId)
        .where('scope', '=', 'space')
        .where('invitee_slug', '=', effect.slug)
        .where('state', '=', 'pending')
        .execute();
      return;
    case 'add-link':
      return addLink(transaction, effect.link, place);
    case 'use-link':
      return useLink(transaction, effect, at);
    case 'revoke-link':
      await transaction
        .updateTable('invite_links')
        .set({ revoked_at: at })
        .where('invite_id', '=', effect.inviteId)
        .execute();
      return;
  }
}

async function addSpace(
  transaction: Writer,
  { name, ownerSlug }: { readonly name: string; readonly ownerSlug: Slug },
  { spaceId, at }: EffectPlace,
): Promise<void> {
  await transaction
    .insertInto('spaces')
    .values({
      space_id: spaceId,
      name,
      description: null,
      avatar_url: null,
      owner_slug: ownerSlug,
      created_at: at,
      archived_at: null,
      deleted_at: null,
    })
    .execute();
}

async function addChannel(
  transaction: Writer,
  { channelId, name, isPublic, ownerSlug }: NewChannel,
  { spaceId, at }: EffectPlace,
): Promise<void> {
  await transaction
    .insertInto('channels')
    .values({
      channel_id: channelId,
      space_id: spaceId,
      name,
      description: null,
      is_public: isPublic ? 1 : 0,
      owner_slug: ownerSlug,
      created_at: at,
      deleted_at: null,
    })
    .execute();
}

async function joinSpace(
  transaction: Writer,
  { slug, role }: Extract<Effect, { kind: 'join-space' }>,
  { spaceId, at }: EffectPlace,
): Promise<void> {
  await transaction
    .insertInto('space_members')
    .values({
      space_id: spaceId,
      slug,
      role,
      joined_at: at,
      auto_accept_owner_invite: 0,
      auto_accept_member_invite: 0,
    })
    .execute();
}

/** Who is in it already stays as he is. */
async function joinChannel(
  transaction: Writer,
  { channelId, slug, role }: Extract<Effect, { kind: 'join-channel' }>,
  { spaceId, at }: EffectPlace,
): Promise<void> {
  await transaction
    .insertInto('channel_members')
    .values({ channel_id: channelId, space_id: spaceId, slug, role, joined_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Nothing that the leaver offered, or was offered, outlives the membership. */
async function leaveSpace(transaction: Writer, slug: Slug, { spaceId, eventId, at }: EffectPlace): Promise<void> {
  for (const table of ['channel_members', 'space_members'] as const) {
    await transaction.deleteFrom(table).where('space_id', '=', spaceId).where('slug', '=', slug).execute();
  }
  await transaction
    .updateTable('invites')
    .set({ state: 'cancelled', handler_event_id: eventId })
    .where('space_id', '=', spaceId)
    .where('state', '=', 'pending')
    .where((eb) => eb.or([eb('invitee_slug', '=', slug), eb('inviter_slug', '=', slug)]))
    .execute();
  await transaction
    .updateTable('invite_links')
    .set({ revoked_at: at })
    .where('space_id', '=', spaceId)
    .where('creator_slug', '=', slug)
    .where('revoked_at', 'is', null)
    .execute();
}

async function leaveChannel(
  transaction: Writer,
  { channelId, slug }: Extract<Effect, { kind: 'leave-channel' }>,
): Promise<void> {
  await transaction
    .deleteFrom('channel_members')
    .where('channel_id', '=', channelId)
    .where('slug', '=', slug)
    .execute();
  await transaction
    .updateTable('invites')
    .set({ state: 'cancelled' })
    .where('channel_id', '=', channelId)
    .where('state', '=', 'pending')
    .where('inviter_slug', '=', slug)
    .execute();
}

/** Names are kept as they are now, for somebody who cannot read them. spec: wire-protocol 12.1 */
async function openInvite(transaction: Writer, invite: NewInvite, spaceId: SpaceId): Promise<void> {
  const { channelId } = invite;
  const space = await transaction
    .selectFrom('spaces')
    .where('space_id', '=', spaceId)
    .select('name')
    .executeTakeFirst();
  const channel =
    channelId === null
      ? undefined
      : await transaction.selectFrom('channels').where('channel_id', '=', channelId).select('name').executeTakeFirst();
  await transaction
    .insertInto('invites')
    .values({
      invitation_event_id: invite.invitationEventId,
      scope: invite.scope,
      space_id: spaceId,
      channel_id: channelId,
      inviter_slug: invite.inviterSlug,
      invitee_slug: invite.inviteeSlug,
      role: invite.role,
      initial_channel_ids: JSON.stringify(invite.initialChannelIds),
      issued_at: invite.issuedAt,
      space_name: space?.name ?? null,
      channel_name: channel?.name ?? null,
      state: 'pending',
      handler_event_id: null,
    })
    .execute();
}

async function addLink(transaction: Writer, link: NewLink, { spaceId, at }: EffectPlace): Promise<void> {
  await transaction
    .insertInto('invite_links')
    .values({
      invite_id: link.inviteId,
      space_id: spaceId,
      creator_slug: link.creatorSlug,
      scope: JSON.stringify(link.scope),
      invite_public_key: link.publicKey,
      max_uses: link.maxUses,
      uses: 0,
      expires_at: link.expiresAt,
      revoked_at: null,
      created_at: at,
      event_id: link.eventId,
    })
    .execute();
}

async function useLink(
  transaction: Writer,
  { inviteId, redemptionId, slug }: Extract<Effect, { kind: 'use-link' }>,
  at: number,
): Promise<void> {
  await transaction
    .updateTable('invite_links')
    .set((eb) => ({ uses: eb('uses', '+', 1) }))
    .where('invite_id', '=', inviteId)
    .execute();
  await transaction
    .insertInto('redemptions')
    .values({ redemption_id: redemptionId, invite_id: inviteId, redeemer_slug: slug, redeemed_at: at })
    .execute();
}
