// The facts for `link-rules.ts`.
import type { SpaceId } from '@puffo/protocol';
import { findGeneralChannelId, pickChannels } from '../spaces/channel-store.ts';
import { findLink, hasRedeemed, isLinkIdTaken, isRedemptionIdTaken } from '../spaces/link-store.ts';
import { isSpaceFull, type Reader } from '../spaces/space-store.ts';
import type { Decision, LinkScope } from './effect.ts';
import { lookAtChannels } from './invite-events.ts';
import { decideCreateLink, decideRedeemLink, decideRevokeLink, type LinkFacts } from './link-rules.ts';
import type { PostedEvent } from './posted-event.ts';
import { readStoredObject } from './stored-json.ts';

export async function createLink(posted: PostedEvent<'create_invite_capability'>): Promise<Decision> {
  const { transaction, payload, event, actor, settings, at } = posted;
  const { space_id: spaceId, invite_id: inviteId, scope } = payload;
  const channelIds = scope.channel_grants.map(({ channel_id }) => channel_id);
  return decideCreateLink({
    actor,
    agentsMayInvite: settings.agentsMayCreateSpaces,
    isIdTaken: await isLinkIdTaken(transaction, inviteId),
    inviteId,
    scope,
    channels: await lookAtChannels(transaction, { spaceId, actor, channelIds }),
    maxUses: payload.max_uses,
    expiresAt: payload.expires_at,
    publicKey: payload.invite_public_key,
    eventId: event.eventId,
    at,
  });
}

export async function redeemLink(posted: PostedEvent<'redeem_invite_capability'>): Promise<Decision> {
  const { transaction, payload, event, actor, at } = posted;
  const { space_id: spaceId, invite_id: inviteId, redemption_id: redemptionId } = payload;
  const { slug } = actor;
  const link = await findLinkFacts(transaction, { inviteId, spaceId });
  const channelIds = link?.scope.channel_grants.map(({ channel_id }) => channel_id) ?? [];
  const open = await pickChannels(transaction, { spaceId, channelIds, slug });
  return decideRedeemLink({
    actor,
    link,
    redeemer: {
      slug: payload.redeemer_slug,
      deviceId: payload.redeemer_device_id,
      subkeyId: payload.redeemer_subkey_id,
    },
    signer: { deviceId: event.signerDeviceId, subkeyId: event.signerSubkeyId },
    redemptionId,
    isRedemptionIdTaken: await isRedemptionIdTaken(transaction, redemptionId),
    hasRedeemedBefore: await hasRedeemed(transaction, { inviteId, slug }),
    isSpaceFull: await isSpaceFull(transaction, spaceId),
    generalChannelId: await findGeneralChannelId(transaction, spaceId),
    openChannelIds: open.map(({ channelId }) => channelId),
    joinedChannelIds: open.filter(({ isJoined }) => isJoined).map(({ channelId }) => channelId),
    at,
  });
}

export async function revokeLink(posted: PostedEvent<'revoke_invite_capability'>): Promise<Decision> {
  const { transaction, payload, actor } = posted;
  const { space_id: spaceId, invite_id: inviteId } = payload;
  return decideRevokeLink({ actor, link: await findLinkFacts(transaction, { inviteId, spaceId }) });
}

/** Only under its own space. */
async function findLinkFacts(
  db: Reader,
  { inviteId, spaceId }: { inviteId: string; spaceId: SpaceId },
): Promise<LinkFacts | undefined> {
  const row = await findLink(db, inviteId);
  if (row?.space_id !== spaceId) return undefined;
  return {
    inviteId,
    creatorSlug: row.creator_slug,
    // As a parsed payload was stored.
    scope: readStoredObject(row.scope) as unknown as LinkScope,
    maxUses: row.max_uses,
    uses: row.uses,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}
