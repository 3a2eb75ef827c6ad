// The facts for `space-rules.ts` and `role-rules.ts`.
import { createChannelId } from '@puffo/protocol';
import { findActiveIdentity, findRootKey } from '../spaces/invite-store.ts';
import { findRole, isSpaceIdTaken, listAgentsInSpace } from '../spaces/space-store.ts';
import type { Decision } from './effect.ts';
import type { PostedEvent } from './posted-event.ts';
import { decideTransfer, decideUpdateRole } from './role-rules.ts';
import { decideCreateSpace, decideLeaveSpace, decideRemoveFromSpace } from './space-rules.ts';

export async function createSpace(posted: PostedEvent<'create_space'>): Promise<Decision> {
  const { transaction, payload, actor, settings, at, random } = posted;
  return decideCreateSpace({
    actor,
    isIdTaken: await isSpaceIdTaken(transaction, payload.space_id),
    agentsMayCreateSpaces: settings.agentsMayCreateSpaces,
    name: payload.name,
    generalChannelId: createChannelId(random),
    at,
  });
}

export async function leaveSpace(posted: PostedEvent<'leave_space'>): Promise<Decision> {
  const { transaction, payload, actor, rootPublicKey: operatorKey, at } = posted;
  const agents = await listAgentsInSpace(transaction, { spaceId: payload.space_id, operatorKey });
  return decideLeaveSpace({ actor, agents, at });
}

export async function removeFromSpace(posted: PostedEvent<'remove_from_space'>): Promise<Decision> {
  const { transaction, payload, actor, at } = posted;
  const { space_id: spaceId, removed_slug: target } = payload;
  const operatorKey = await findRootKey(transaction, target);
  return decideRemoveFromSpace({
    actor,
    target,
    targetRole: await findRole(transaction, { spaceId, slug: target }),
    agents: operatorKey === undefined ? [] : await listAgentsInSpace(transaction, { spaceId, operatorKey }),
    at,
  });
}

export async function updateRole(posted: PostedEvent<'update_role'>): Promise<Decision> {
  const { transaction, payload, actor } = posted;
  const { space_id: spaceId, target_slug: target, new_role: newRole } = payload;
  const targetRole = await findRole(transaction, { spaceId, slug: target });
  return decideUpdateRole({ actor, target, targetRole, newRole });
}

export async function transferOwnership(posted: PostedEvent<'transfer_space_ownership'>): Promise<Decision> {
  const { transaction, payload, actor } = posted;
  const { space_id: spaceId, new_owner_slug: target } = payload;
  const identity = await findActiveIdentity(transaction, target);
  const targetRole = await findRole(transaction, { spaceId, slug: target });
  return decideTransfer({ actor, target, targetRole, targetType: identity?.identityType });
}
