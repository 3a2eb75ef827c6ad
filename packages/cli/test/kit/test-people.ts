// People at one server, each with a machine of their own, and a space that they share.
import { type NetworkServer, startNetworkServer } from '@puffo/testbed';
import { createTestWorld, type TestWorld } from './test-world.ts';

export interface TestPerson extends TestWorld {
  readonly slug: string;
}

export interface TestPeople extends AsyncDisposable {
  readonly server: NetworkServer;
  readonly alice: TestPerson;
  readonly bob: TestPerson;
}

/** Alice and Bob, both in the space "Club" with its channel "General". */
export async function createTestPeople(): Promise<TestPeople> {
  const server = await startNetworkServer();
  const alice = await createPerson(server, 'alice');
  const bob = await createPerson(server, 'bob');
  await alice.ask(['space', 'create', 'Club']);
  await alice.ask(['space', 'invite', 'Club', `@${bob.slug}`]);
  await bob.ask(['invites', 'accept', 'Club']);
  return {
    server,
    alice,
    bob,
    async [Symbol.asyncDispose]() {
      await alice[Symbol.asyncDispose]();
      await bob[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

export async function createPerson(
  { url }: Pick<NetworkServer, 'url'>,
  username: string,
  displayName?: string,
): Promise<TestPerson> {
  const world = await createTestWorld();
  const named = displayName === undefined ? [] : ['--display-name', displayName];
  const { slug = '' } = await world.ask(['signup', '--server', url, '--username', username, ...named]);
  return { ...world, slug };
}
