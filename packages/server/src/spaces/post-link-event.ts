// The routes of invite links take one event each, of one kind; the rest is that of every event. spec: wire-protocol 14.5
import type { JsonObject } from '@puffo/base';
import { decodeSignedEvent, type EventKind, type EventPayload, parseEventPayload } from '@puffo/protocol';
import type { Caller } from '../auth/caller.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { postEvents } from '../events/post-events.ts';
import { announceSpaceChange } from './space-change.ts';

type LinkKind = Extract<EventKind, `${string}_invite_capability`>;

export interface LinkEvent<Kind extends LinkKind> {
  readonly kind: Kind;
  readonly caller: Caller;
  readonly object: JsonObject;
}

/** Committed and announced. Returns the payload, and what the server added to the log. */
export async function postLinkEvent<Kind extends LinkKind>(
  context: ServerContext,
  { kind, caller, object }: LinkEvent<Kind>,
): Promise<{ readonly payload: EventPayload<Kind>; readonly emitted: readonly JsonObject[] }> {
  const event = decodeSignedEvent(object);
  if (event.kind !== kind) throw new ServerError('INVALID_PAYLOAD', `Cannot accept event: it is not ${kind}`);
  const parsed = parseEventPayload(kind, event.payload);
  if (parsed.kind !== kind) throw new ServerError('INVALID_PAYLOAD', `Cannot accept event: it is not ${kind}`);
  const payload = parsed.payload as EventPayload<Kind>;
  const { space_id: spaceId } = payload;
  const { emitted, change } = await postEvents(context, { caller, spaceId, events: [object] });
  announceSpaceChange(context.hub, change);
  return { payload, emitted };
}
