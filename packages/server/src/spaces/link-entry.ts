import { readStoredObject } from '../events/stored-json.ts';
import type { LinkRow } from './link-store.ts';

/** What is said of a link: its scope, how far it is used, and the event that made it. spec: wire-protocol 14.5 */
export function linkEntry(link: LinkRow) {
  return {
    invite_id: link.invite_id,
    space_id: link.space_id,
    space_name: link.space_name,
    creator_slug: link.creator_slug,
    scope: readStoredObject(link.scope),
    invite_public_key: link.invite_public_key,
    max_uses: link.max_uses,
    uses: link.uses,
    expires_at: link.expires_at,
    revoked_at: link.revoked_at,
    created_at: link.created_at,
    event: readStoredObject(link.object),
  };
}
