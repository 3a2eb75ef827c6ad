import type { JsonObject } from '@puffo/base';
import type { ChannelId, EventId, Slug, SpaceId } from '@puffo/protocol';
import { readStoredObject, readStoredTexts } from '../events/stored-json.ts';
import type { InviteListing } from './invite-store.ts';

type Proofs = ReadonlyMap<string, readonly JsonObject[]>;

/** As it is answered, with the members of later servers. spec: wire-protocol 12.1, 14.5 */
export function inviteEntry(invite: InviteListing, proofs: Proofs) {
  const { space_id: spaceId, scope } = invite;
  return {
    invitation_event_id: invite.invitation_event_id as EventId,
    scope,
    space_id: spaceId as SpaceId,
    channel_id: invite.channel_id as ChannelId | null,
    inviter_slug: invite.inviter_slug as Slug,
    invitee_slug: invite.invitee_slug,
    issued_at: invite.issued_at,
    space_name: invite.space_name,
    channel_name: invite.channel_name,
    state: 'Pending',
    role: invite.role,
    initial_channel_ids: readStoredTexts(invite.initial_channel_ids) as readonly ChannelId[],
    issued_at_ms: invite.issued_at,
    handler_event_id: null,
    superseded_by_event_id: null,
    invitation_event: {
      server_seq: invite.seq,
      server_received_at_ms: invite.received_at,
      event: readStoredObject(invite.object),
    },
    ...(scope === 'space' ? { bootstrap: { Space: { proof_events: proofs.get(spaceId) ?? [] } } } : {}),
  };
}

export function proofsBySpace(rows: readonly { readonly space_id: string; readonly object: string }[]): Proofs {
  const proofs = new Map<string, JsonObject[]>();
  for (const { space_id: spaceId, object } of rows) {
    const ofSpace = proofs.get(spaceId) ?? [];
    ofSpace.push(readStoredObject(object));
    proofs.set(spaceId, ofSpace);
  }
  return proofs;
}
