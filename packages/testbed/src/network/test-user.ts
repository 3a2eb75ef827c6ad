// Somebody in a test: a real client of the client library, with the steps that scenarios are made of.
import { join } from 'node:path';
import { createCloser, silentLogger, systemClock, systemRandom } from '@puffo/base';
import {
  type ChannelPlace,
  type Client,
  type ClientContext,
  type ClientOptions,
  openClient,
  registerAgent,
  type SentMessage,
} from '@puffo/client';
import { createNodePlatform } from '@puffo/client/node';
import { type IdentityKeys, type Route, type Slug, TEXT_CONTENT_TYPE, type WrapPool } from '@puffo/protocol';
import { createTestInbox, type TestInbox } from './test-inbox.ts';
import { createTestSpace, type TestSpace } from './test-space.ts';
import { createMemoryStores, openSqliteStores, type UserStores } from './user-stores.ts';
import { waitFor } from './wait-for.ts';

export interface TestUserOptions extends Pick<ClientOptions, 'pauseSleep'> {
  /** `sqlite`: in a file in the folder of the network. Default: `memory`. */
  readonly stores?: 'memory' | 'sqlite';
}

export interface TestUser extends AsyncDisposable {
  readonly slug: Slug;
  readonly keys: IdentityKeys;
  /** The one that is open now. */
  readonly client: Client;
  /** Stays empty until `listen`. */
  readonly inbox: TestInbox;
  /** Connects, and puts what arrives into the inbox. Resolves when what waited is there. */
  listen(): Promise<void>;
  /** Closes the client and opens another one on the same stores, as when a program starts again. */
  restart(): Promise<void>;
  /** Resolves when the server has it. */
  say(to: TestUser | ChannelPlace, text: string): Promise<SentMessage>;
  /** An agent that this user vouches for, with the same options. */
  registerAgent(username: string): Promise<TestUser>;
  createSpace(name: string): Promise<TestSpace>;
}

export interface UserSetup {
  readonly keys: IdentityKeys;
  readonly options: TestUserOptions;
  /** Of the network. */
  readonly folder: string;
  readonly wrapPool: WrapPool;
  /** Makes the network close it. */
  readonly adopt: (user: TestUser) => void;
}

export const USER_CONTEXT: ClientContext = { clock: systemClock, random: systemRandom, log: silentLogger };

export async function openTestUser(setup: UserSetup): Promise<TestUser> {
  const { keys, options, wrapPool } = setup;
  const closer = createCloser();
  const platform = closer.use(createNodePlatform({ environment: {} }));
  const own: UserStores = closer.use(
    options.stores === 'sqlite'
      ? await openSqliteStores(join(setup.folder, `${keys.slug}.sqlite`), keys.slug)
      : createMemoryStores(),
  );
  const { stores } = own;
  const inbox = createTestInbox((inbound) => own.commit(inbound));
  let client = open();
  let reading: Promise<void> = Promise.resolve();
  closer.defer(closeClient);

  function open(): Client {
    return openClient({ keys, platform, context: USER_CONTEXT, stores, wrapPool, pauseSleep: options.pauseSleep });
  }

  /** What the reader failed with is the failure of the test. */
  async function closeClient(): Promise<void> {
    await client[Symbol.asyncDispose]();
    await reading;
  }

  const user: TestUser = {
    slug: keys.slug,
    keys,
    get client() {
      return client;
    },
    inbox,
    async listen() {
      const { connection, mailbox } = client.openLive();
      reading = inbox.readAll(mailbox);
      await waitFor(() => connection.state === 'open', `${keys.slug} to be connected`);
      await mailbox.caughtUp();
    },
    async restart() {
      await closeClient();
      reading = Promise.resolve();
      client = open();
      await client.outbox.resume();
    },
    async say(to, text) {
      const { sent } = await client.outbox.send({
        route: toRoute(to),
        contentType: TEXT_CONTENT_TYPE,
        content: text,
      });
      return sent;
    },
    async registerAgent(username) {
      const agent = await openTestUser({ ...setup, keys: await registerAgent(client, { username }) });
      setup.adopt(agent);
      return agent;
    },
    createSpace: (name) => createTestSpace(client, name),
    [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose](),
  };
  return user;
}

export function toRoute(to: Pick<TestUser, 'slug'> | ChannelPlace): Route {
  if ('slug' in to) return { kind: 'dm', recipientSlug: to.slug };
  return { kind: 'channel', spaceId: to.spaceId, channelId: to.channelId };
}
