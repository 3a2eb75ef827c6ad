// Steps of scenarios about spaces, each by one signed event.
import { encodeBase64url, type JsonObject, type JsonValue } from '@puffo/base';
import { createChannelId } from '@puffo/protocol';
import { random, type Response, type TestPerson, textOf } from './test-person.ts';

/** Posts `event` alone. */
export function postEvent(person: TestPerson, spaceId: string, event: JsonObject): Promise<Response> {
  return person.call('POST', '/spaces/events', { space_id: spaceId, events: [event] });
}

export async function inviteTo(
  inviter: TestPerson,
  invitee: TestPerson,
  place: { readonly spaceId: string; readonly channelId?: string },
): Promise<string> {
  const { spaceId: space_id, channelId: channel_id } = place;
  const who = { space_id, invitee_slug: invitee.slug, issued_at: inviter.server.clock.now };
  const event =
    channel_id === undefined
      ? inviter.signEvent('invite_to_space', who)
      : inviter.signEvent('invite_to_channel', { ...who, channel_id });
  await expectOk(postEvent(inviter, space_id, event));
  return textOf(event['event_id']);
}

/** A channel with the maker in it only. */
export async function createChannel(
  maker: TestPerson,
  spaceId: string,
  more: Readonly<Record<string, JsonValue>> = {},
): Promise<string> {
  const channelId = createChannelId(random);
  const payload = {
    space_id: spaceId,
    channel_id: channelId,
    name: 'more',
    created_at: maker.server.clock.now,
    ...more,
  };
  await expectOk(maker.post(spaceId, 'create_channel', payload));
  return channelId;
}

export async function expectOk(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  if (response.status < 300) return response;
  throw new Error(`${response.status} ${JSON.stringify(response.body)}`);
}

/** The values of one member of each entry of a list in an answer. */
export function column(list: JsonValue | undefined, member: string): readonly (JsonValue | undefined)[] {
  return entries(list).map((entry) => entry[member]);
}

/** As `column`, of texts, sorted. */
export function sortedTexts(list: JsonValue | undefined, member: string): readonly string[] {
  return column(list, member).map(textOf).toSorted();
}

export function entries(list: JsonValue | undefined): readonly JsonObject[] {
  if (Array.isArray(list)) return list as readonly JsonObject[];
  throw new TypeError(`expected a list, got ${JSON.stringify(list)}`);
}

export function randomText(bytes: number): string {
  return encodeBase64url(random.bytes(bytes));
}
