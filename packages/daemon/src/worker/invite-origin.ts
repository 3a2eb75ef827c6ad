// Who invites, as far as it is proven. Names prove nothing: they are said by the server and signed by nobody.
// spec: wire-protocol 12.3, 12.4
import type { JsonObject, Logger } from '@puffo/base';
import type { Directory } from '@puffo/client';
import {
  decodeSignedEvent,
  type InviteEntry,
  parseEventPayload,
  ProtocolError,
  type SignedEvent,
  type Slug,
  type VerifiedIdentity,
  verifySignedEvent,
} from '@puffo/protocol';
import type { OwnIdentity } from './own-identity.ts';

export interface InviteOriginParts {
  readonly directory: Pick<Directory, 'findSubkey' | 'getPeople'>;
  readonly own: OwnIdentity;
  readonly logger: Logger;
}

/** `undefined`: nobody who can be believed. Fails when the server cannot be asked: later is soon enough. */
export async function findInviteOrigin(
  entry: InviteEntry,
  { directory, own, logger }: InviteOriginParts,
): Promise<VerifiedIdentity | undefined> {
  const eventId = entry.invitation_event_id;
  const object = entry.invitation_event?.event;
  if (object === undefined) {
    // Older servers do not show it, and somebody who is not in the space cannot read its log.
    logger.info('invite-event-missing', { eventId });
    const { people } = await directory.getPeople([entry.inviter_slug]);
    return people.get(entry.inviter_slug)?.identity;
  }
  const event = readInviteEvent(object, entry, own.slug);
  const signer = event === undefined ? undefined : await directory.findSubkey(event.signerSlug, event.signerSubkeyId);
  if (event !== undefined && signer !== undefined && verifySignedEvent(event, signer).kind === 'valid') {
    return signer.device.identity;
  }
  logger.warn('invite-not-proven', { eventId });
  return undefined;
}

/** The event, if it is the one that the entry tells of. */
function readInviteEvent(object: JsonObject, entry: InviteEntry, ownSlug: Slug): SignedEvent | undefined {
  try {
    const event = decodeSignedEvent(object);
    if (event.eventId !== entry.invitation_event_id || event.signerSlug !== entry.inviter_slug) return undefined;
    return isInviteTo(event, entry, ownSlug) ? event : undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function isInviteTo(event: SignedEvent, entry: InviteEntry, ownSlug: Slug): boolean {
  const parsed = parseEventPayload(event.kind, event.payload, { unknownMembers: 'ignore' });
  if (parsed.kind !== 'invite_to_space' && parsed.kind !== 'invite_to_channel') return false;
  const { space_id: spaceId, invitee_slug: inviteeSlug } = parsed.payload;
  if (spaceId !== entry.space_id || inviteeSlug !== ownSlug) return false;
  if (parsed.kind === 'invite_to_space') return entry.scope === 'space';
  return entry.scope === 'channel' && parsed.payload.channel_id === entry.channel_id;
}
