// Signs what changes a space, and posts it. A posting may be repeated: the server knows an event by its id.
// spec: wire-protocol 8.2, 8.4
import { encodeBase64url, type JsonObject } from '@puffo/base';
import {
  createEventId,
  type EventId,
  type EventKind,
  parseEventPayload,
  signEvent,
  type SpaceId,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { Session } from '../session/session.ts';

export interface EventParts {
  readonly http: HttpClient;
  readonly session: Pick<Session, 'slug' | 'deviceId' | 'getSubkey'>;
  readonly context: ClientContext;
}

export interface EventToPost {
  readonly kind: EventKind;
  /** Without its nonce. */
  readonly payload: JsonObject;
}

const NONCE_BYTES = 32;
const SIGNINGS = 2;

/** All or none of them. Returns their ids, in order. */
export async function postEvents(
  parts: EventParts,
  { spaceId, events }: { readonly spaceId: SpaceId; readonly events: readonly EventToPost[] },
): Promise<readonly EventId[]> {
  const { http, session, context } = parts;
  const unsigned = events.map((event) => prepare(event, context));
  for (let signings = 1; ; signings++) {
    const { signerId, signingKey } = await session.getSubkey();
    const signer = { signerSlug: session.slug, signerDeviceId: session.deviceId, signerSubkeyId: signerId };
    const signed = unsigned.map((event) => signEvent({ ...event, ...signer }, signingKey));
    try {
      await http.call('postEvents', { body: { space_id: spaceId, events: signed } });
      return unsigned.map(({ eventId }) => eventId);
    } catch (error) {
      // An event has to be signed by the subkey of its request, and that one may have been renewed on the way.
      const isRefused = error instanceof ClientError && error.code === 'refused';
      if (!isRefused || signings >= SIGNINGS || (await session.getSubkey()).signerId === signerId) throw error;
    }
  }
}

function prepare({ kind, payload }: EventToPost, { random }: ClientContext) {
  const whole = { ...payload, nonce: encodeBase64url(random.bytes(NONCE_BYTES)) };
  try {
    parseEventPayload(kind, whole);
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'it is malformed';
    throw new ClientError(problem, { code: 'invalid-input', cause: error });
  }
  return { eventId: createEventId(random), kind, payload: whole };
}
