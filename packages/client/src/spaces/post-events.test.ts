import { isJsonObject, type JsonObject, seededRandom, silentLogger } from '@puffo/base';
import {
  createSpaceId,
  decodeSignedEvent,
  deviceIdOf,
  generateSigningKey,
  parseSlug,
  type SigningKey,
  subkeyIdOf,
  verifyKeyBytes,
} from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import { ClientError } from '../client-error.ts';
import type { HttpClient } from '../http/http-client.ts';
import { createInvites } from './invites.ts';
import { postEvents } from './post-events.ts';
import { createSpaces } from './spaces.ts';

const random = seededRandom(8);
const slug = parseSlug('alice-0001');
const spaceId = createSpaceId(random);
const [first, second] = [generateSigningKey(random), generateSigningKey(random)];

function createScene(answer: (name: string, count: number) => unknown) {
  const posted: JsonObject[] = [];
  const signer: { key: SigningKey } = { key: first };
  let count = 0;
  async function call(name: string, { body }: { readonly body?: unknown }) {
    if (isJsonObject(body)) posted.push(body);
    return answer(name, ++count);
  }
  const parts = {
    http: { serverUrl: 'http://chat.test', call } as unknown as HttpClient,
    session: {
      slug,
      deviceId: deviceIdOf(verifyKeyBytes(first.verifyKey)),
      getSubkey: async () => {
        const signerId = subkeyIdOf(verifyKeyBytes(signer.key.verifyKey));
        return { slug, signerId, signingKey: signer.key };
      },
    },
    context: { clock: () => 1e12, random, log: silentLogger },
  };
  return { posted, signer, parts };
}

function refused(): never {
  throw new ClientError('scripted', { code: 'refused', status: 400, apiCode: 'INVALID_PAYLOAD' });
}

const leave = { kind: 'leave_space', payload: { space_id: spaceId, effective_from: 1e12 } } as const;

describe('postEvents', () => {
  it('signs again, under the same id, when the subkey was renewed on the way', async () => {
    const scene = createScene((_name, count) => {
      if (count > 1) return {};
      scene.signer.key = second;
      return refused();
    });
    const [eventId] = await postEvents(scene.parts, { spaceId, events: [leave] });
    const events = scene.posted.flatMap(({ events: listed }) => (listed as JsonObject[]).map(decodeSignedEvent));
    expect(events.map((event) => event.eventId)).toEqual([eventId, eventId]);
    expect(events[1]?.payload).toEqual(events[0]?.payload);
    expect(new Set(events.map((event) => event.signerSubkeyId)).size).toBe(2);
  });

  it('does not repeat what is refused for itself', async () => {
    const scene = createScene(refused);
    await expect(postEvents(scene.parts, { spaceId, events: [leave] })).rejects.toMatchObject({ code: 'refused' });
    expect(scene.posted).toHaveLength(1);
  });

  it.each(['', 'x'.repeat(81)])('refuses a name of the wrong length before it is signed: %s', async (name) => {
    const scene = createScene(() => ({}));
    await expect(createSpaces(scene.parts).createSpace({ name })).rejects.toMatchObject({ code: 'invalid-input' });
    expect(scene.posted).toEqual([]);
  });
});

describe('an invitation that is neither to a space nor to a channel', () => {
  it.each([
    ['of an unknown scope', { scope: 'galaxy', channel_id: undefined }],
    ['to a channel that is not named', { scope: 'channel', channel_id: undefined }],
  ])('%s is not answered', async (_name, invite) => {
    const scene = createScene(() => ({}));
    const whole = { ...invite, space_id: spaceId, invitation_event_id: 'ev_1' as never };
    await expect(createInvites(scene.parts).acceptInvite(whole)).rejects.toMatchObject({ code: 'invalid-input' });
  });
});

describe('readSpaceLog', () => {
  function page(seqs: readonly number[], next: string | undefined, has_more: boolean) {
    return { events: { items: seqs.map((seq) => ({ seq })), unreadable: 0 }, next_cursor: next, has_more };
  }

  async function readSeqs(pages: readonly unknown[]): Promise<readonly number[]> {
    const scene = createScene((_name, count) => pages[count - 1] ?? page([], undefined, false));
    const seqs: number[] = [];
    for await (const { seq } of createSpaces(scene.parts).readSpaceLog(spaceId)) seqs.push(seq);
    return seqs;
  }

  it('reads page after page to the end', async () => {
    expect(await readSeqs([page([1, 2], '2', true), page([5], '5', false)])).toEqual([1, 2, 5]);
  });

  it.each([
    ['stands still', [page([1], '1', true), page([2], '1', true)]],
    ['leads nowhere', [page([1], undefined, true)]],
    ['turns in a circle', [page([1, 2], '2', true), page([1, 2], '3', true)]],
  ])('ends with an error when the server %s', async (_name, pages) => {
    await expect(readSeqs(pages)).rejects.toMatchObject({ code: 'no-progress' });
  });
});
