// Who reads a conversation, from a short memory: frames empty it, and what is out of date all the same is healed when the
// server reports a missing device. spec: wire-protocol 6.5, 9.16, 10.5
import { createSingleFlight } from '@puffo/base';
import type { ChannelId, Route, ServerFrame, Slug, SpaceId } from '@puffo/protocol';
import type { ClientContext } from '../context.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { Audience } from './audience.ts';

export interface AudienceOptions {
  readonly http: HttpClient;
  /** Who asks. */
  readonly slug: Slug;
  readonly context: ClientContext;
}

interface Members {
  readonly spaceId: SpaceId;
  readonly slugs: readonly Slug[];
  readonly fetchedAt: number;
}

type ChannelRoute = Extract<Route, { readonly kind: 'channel' }>;

const YOUNG_MS = 30_000;
const CHANNELS = 500;

export function createAudience({ http, slug, context }: AudienceOptions): Audience {
  const channels = new Map<ChannelId, Members>();
  const flights = createSingleFlight<string>();
  /** Counts what was forgotten: an answer that was asked for before is not kept. */
  let changes = 0;

  async function fetchMembers({ spaceId, channelId }: ChannelRoute): Promise<readonly Slug[]> {
    const asked = changes;
    const { members } = await http.call('listChannelMembers', { params: { space_id: spaceId, channel_id: channelId } });
    if (members.unreadable > 0) context.log.warn('members-not-readable', { channelId, count: members.unreadable });
    const slugs = [...new Set([slug, ...members.items.map((member) => member.slug)])];
    if (asked === changes) keep(channelId, { spaceId, slugs, fetchedAt: context.clock() });
    return slugs;
  }

  function keep(channelId: ChannelId, members: Members): void {
    if (channels.size >= CHANNELS) channels.clear();
    channels.set(channelId, members);
  }

  function forgetChannels(isMeant: (channelId: ChannelId, members: Members) => boolean): void {
    changes++;
    for (const [channelId, members] of channels) if (isMeant(channelId, members)) channels.delete(channelId);
  }

  return {
    async getSlugs(route) {
      if (route.kind === 'dm') return [...new Set([slug, route.recipientSlug])];
      const known = channels.get(route.channelId);
      const age = known === undefined ? Infinity : context.clock() - known.fetchedAt;
      if (known !== undefined && age >= 0 && age < YOUNG_MS) return known.slugs;
      return flights.run(`${changes} ${route.channelId}`, () => fetchMembers(route));
    },
    forget(route) {
      if (route.kind === 'channel') forgetChannels((channelId) => channelId === route.channelId);
    },
    noteFrame(frame) {
      const place = placeOf(frame);
      if (place === undefined) return;
      forgetChannels((channelId, { spaceId }) => spaceId === place || channelId === place);
    },
  };
}

/** The space or channel of which something changed. */
function placeOf(frame: ServerFrame): string | undefined {
  if (frame.type === 'event') return frame.scope;
  if (frame.type === 'channel_delete') return frame.channel_id;
  return frame.type === 'space_membership_changed' || frame.type === 'space_delete' ? frame.space_id : undefined;
}
