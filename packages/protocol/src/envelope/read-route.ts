import { ProtocolError } from '../errors.ts';
import { parseChannelId, parseSlug, parseSpaceId } from '../ids.ts';
import { type Members, readOptionalString, readString } from '../members.ts';
import type { Route } from './envelope.ts';

/**
 * The route in an envelope or payload: complete for its kind, and nothing of the other kind, which would not be
 * protected. Null and absent are alike. spec: wire-protocol 6.2, 6.3
 */
export function readRoute(members: Members): Route {
  const kind = readString(members, 'envelope_kind');
  const spaceId = readOptionalString(members, 'space_id');
  const channelId = readOptionalString(members, 'channel_id');
  const recipientSlug = readOptionalString(members, 'recipient_slug');
  const { what } = members;
  if (kind === 'channel') {
    if (spaceId === null) throw missing(what, 'space_id');
    if (channelId === null) throw missing(what, 'channel_id');
    if (recipientSlug !== null) throw stray(what, 'recipient_slug');
    const space = parseSpaceId(spaceId, `${what}.space_id`);
    return { kind, spaceId: space, channelId: parseChannelId(channelId, `${what}.channel_id`) };
  }
  if (kind === 'dm') {
    if (recipientSlug === null) throw missing(what, 'recipient_slug');
    if (spaceId !== null || channelId !== null) throw stray(what, spaceId === null ? 'channel_id' : 'space_id');
    return { kind, recipientSlug: parseSlug(recipientSlug, `${what}.recipient_slug`) };
  }
  const field = `${what}.envelope_kind`;
  throw new ProtocolError('unknown_kind', `Cannot read ${field}: it is neither 'channel' nor 'dm'`, { field });
}

function missing(what: string, name: string): ProtocolError {
  const field = `${what}.${name}`;
  return new ProtocolError('missing_route', `Cannot read ${field}: this kind of message needs it`, { field });
}

function stray(what: string, name: string): ProtocolError {
  const field = `${what}.${name}`;
  return new ProtocolError('envelope_invalid', `Cannot read ${field}: this kind of message must not have it`, {
    field,
  });
}
