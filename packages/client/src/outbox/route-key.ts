import type { Route } from '@puffo/protocol';

/** One text per conversation. */
export function routeKey(route: Route): string {
  return route.kind === 'channel' ? `channel ${route.spaceId} ${route.channelId}` : `dm ${route.recipientSlug}`;
}
