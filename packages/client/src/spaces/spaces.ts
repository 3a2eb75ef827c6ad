// Spaces: made, named, entered by invitation, left. spec: wire-protocol 8.3, 9.13, 9.14, 9.19
import {
  createSpaceId,
  type EventLogEntry,
  LIMITS,
  type Slug,
  type SpaceEntry,
  type SpaceId,
  type SpaceMemberEntry,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import { warnUnreadable } from './list-answer.ts';
import { type EventParts, postEvents } from './post-events.ts';

export interface Spaces {
  /** With a public channel "General", which the server adds. */
  createSpace(space: { readonly name: string }): Promise<SpaceId>;
  renameSpace(spaceId: SpaceId, name: string): Promise<void>;
  leaveSpace(spaceId: SpaceId): Promise<void>;
  removeFromSpace(spaceId: SpaceId, slug: Slug): Promise<void>;
  /** Those one is in. */
  listSpaces(): Promise<readonly SpaceEntry[]>;
  listSpaceMembers(spaceId: SpaceId): Promise<readonly SpaceMemberEntry[]>;
  /** What happened in the space, oldest first; to the end of the log. */
  readSpaceLog(spaceId: SpaceId): AsyncIterable<EventLogEntry>;
}

/** Of the log: half a million entries. */
const MAX_PAGES = 1000;

export function createSpaces(parts: EventParts): Spaces {
  const { http, context } = parts;
  return {
    async createSpace({ name }) {
      const spaceId = createSpaceId(context.random);
      const payload = { space_id: spaceId, name, created_at: context.clock() };
      await postEvents(parts, { spaceId, events: [{ kind: 'create_space', payload }] });
      return spaceId;
    },
    async renameSpace(spaceId, name) {
      await http.call('updateSpace', { params: { space_id: spaceId }, body: { name } });
    },
    async leaveSpace(spaceId) {
      const payload = { space_id: spaceId, effective_from: context.clock() };
      await postEvents(parts, { spaceId, events: [{ kind: 'leave_space', payload }] });
    },
    async removeFromSpace(spaceId, slug) {
      const payload = { space_id: spaceId, removed_slug: slug, effective_from: context.clock() };
      await postEvents(parts, { spaceId, events: [{ kind: 'remove_from_space', payload }] });
    },
    async listSpaces() {
      const { spaces } = await http.call('listSpaces', {});
      return warnUnreadable(spaces, { what: 'spaces', context });
    },
    async listSpaceMembers(spaceId) {
      const { members } = await http.call('listSpaceMembers', { params: { space_id: spaceId } });
      return warnUnreadable(members, { what: 'members', context });
    },
    readSpaceLog: (spaceId) => readSpaceLog(parts, spaceId),
  };
}

/** Strictly forward: a server that turns in a circle is an error, one that stands still at the end is not. */
async function* readSpaceLog({ http, context }: EventParts, spaceId: SpaceId): AsyncGenerator<EventLogEntry> {
  const params = { space_id: spaceId };
  let since: string | undefined;
  let lastSeq = 0;
  for (let page = 0; page < MAX_PAGES; page++) {
    const position = since === undefined ? {} : { since };
    const answer = await http.call('listEvents', { params, query: { limit: LIMITS.pageEntries, ...position } });
    for (const entry of warnUnreadable(answer.events, { what: 'events', context })) {
      if (entry.seq <= lastSeq) throw noProgress('its entries are not in order');
      lastSeq = entry.seq;
      yield entry;
    }
    if (!answer.has_more) return;
    if (answer.next_cursor === undefined || answer.next_cursor === since) throw noProgress('a page leads nowhere');
    since = answer.next_cursor;
  }
  throw noProgress(`it has more than ${MAX_PAGES} pages`);
}

function noProgress(problem: string): ClientError {
  return new ClientError(`Cannot read the log of the space: ${problem}`, { code: 'no-progress' });
}
