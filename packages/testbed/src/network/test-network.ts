// A server and people on loopback, for tests: everything real, everything gone afterwards.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCloser } from '@puffo/base';
import { signUp } from '@puffo/client';
import { createNodePlatform } from '@puffo/client/node';
import { createWrapPool } from '@puffo/protocol';
import { type NetworkServer, type NetworkServerOptions, startNetworkServer } from './network-server.ts';
import { openTestUser, type TestUser, type TestUserOptions, USER_CONTEXT } from './test-user.ts';
import { createWorlds, type Worlds } from './worlds.ts';

export interface NewUserOptions extends TestUserOptions {
  /** How the user reaches the server, such as the url of a flaky proxy. Default: directly. */
  readonly serverUrl?: string;
}

export interface TestNetworkOptions extends NetworkServerOptions {
  /** Of users that are signed up without others. */
  readonly users?: NewUserOptions;
}

export interface TestNetwork extends AsyncDisposable {
  /** Of the server. */
  readonly url: string;
  readonly server: NetworkServer;
  /** Of what users keep in files. */
  readonly folder: string;
  /** `username`: what the slug begins with. */
  signUp(username: string, options?: NewUserOptions): Promise<TestUser>;
  /** Situations that many tests begin with. */
  readonly worlds: Worlds;
}

export async function startTestNetwork(options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const closer = createCloser();
  const server = closer.use(await startNetworkServer(options));
  const folder = await mkdtemp(join(tmpdir(), 'puffo-users-'));
  closer.defer(() => rm(folder, { recursive: true, force: true }));
  const wrapPool = closer.use(createWrapPool());
  const platform = closer.use(createNodePlatform({ environment: {} }));
  const people = createCloser();
  closer.use(people);

  async function signUpUser(username: string, userOptions: NewUserOptions = {}): Promise<TestUser> {
    const chosen = { ...options.users, ...userOptions };
    const { serverUrl = server.url } = chosen;
    const keys = await signUp({ platform, context: USER_CONTEXT, serverUrl, inviteCode: 'none', username });
    function adopt(user: TestUser): void {
      people.use(user);
    }
    const user = await openTestUser({ keys, options: chosen, folder, wrapPool, adopt });
    adopt(user);
    return user;
  }

  return {
    url: server.url,
    server,
    folder,
    signUp: signUpUser,
    worlds: createWorlds(signUpUser),
    [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose](),
  };
}
