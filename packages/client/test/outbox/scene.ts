// Alice, Bob, a conversation and an outbox: what the tests of the outbox begin with.
import { createChannelId, createSpaceId, createWrapPool, type Route, type Slug } from '@puffo/protocol';
import { ClientError } from '../../src/client-error.ts';
import { createMemoryOutboxStore } from '../../src/memory/memory-outbox-store.ts';
import { createOutbox, type OutboxOptions } from '../../src/outbox/create-outbox.ts';
import type { OutboxStore } from '../../src/outbox/outbox-store.ts';
import { createWorld, signerOf, type TestPerson, type World } from './chat-world.ts';

/** Without threads there is nothing to close. */
const wrapPool = createWrapPool({ threads: 0 });

/** Tried again at once. */
const IMPATIENT = { firstMs: 1, maxMs: 1 };
/** Not before it is woken. */
export const PATIENT = { firstMs: 3_600_000, maxMs: 3_600_000, minMs: 3_600_000 };

export interface Scene extends World {
  readonly alice: TestPerson;
  readonly bob: TestPerson;
  readonly route: Route;
  readonly store: OutboxStore;
  members: readonly Slug[];
  open(options?: Partial<OutboxOptions>): ReturnType<typeof createOutbox>;
}

/** Alice writes to a channel in which Bob reads. */
export function createScene(): Scene {
  const world = createWorld();
  const { context, server, directory } = world;
  const [alice, bob] = [world.person('alice'), world.person('bob')];
  for (const person of [alice, bob]) directory.know(person);
  const store = createMemoryOutboxStore();
  const scene: Scene = {
    ...world,
    alice,
    bob,
    route: { kind: 'channel', spaceId: createSpaceId(context.random), channelId: createChannelId(context.random) },
    store,
    members: [alice.slug, bob.slug],
    open: (options = {}) =>
      createOutbox({
        http: server,
        directory,
        audience: { getSlugs: async () => scene.members, forget: () => undefined },
        session: signerOf(alice),
        wrapPool,
        store,
        context,
        backoff: IMPATIENT,
        ...options,
      }),
  };
  return scene;
}

export function text(route: Route, content = 'hello') {
  return { route, contentType: 'text/plain', content };
}

export function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof ClientError ? error.code : String(error)),
  );
}
