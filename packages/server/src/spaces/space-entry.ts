import type { SpaceId } from '@puffo/protocol';
import type { SpaceListing } from './space-store.ts';

/** As it is answered. spec: wire-protocol 9.13 */
export function spaceEntry({ space_id, latest_seq, ...space }: SpaceListing) {
  return {
    ...space,
    space_id: space_id as SpaceId,
    latest_event_cursor: latest_seq === null ? null : String(latest_seq),
  };
}
