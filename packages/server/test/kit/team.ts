import { createSpace, join, signUp, type TestPerson } from './test-person.ts';
import { type Dialect, startTestServer, type TestServer } from './test-server.ts';

export interface Team {
  readonly server: TestServer;
  /** Owns the space. */
  readonly alice: TestPerson;
  /** A plain member of it, of General and of the channel. */
  readonly bob: TestPerson;
  /** A stranger. */
  readonly carol: TestPerson;
  readonly spaceId: string;
  readonly channelId: string;
}

/** `server`: the one to be used instead of a new one. */
export async function startTeam(dialect: Dialect, server?: TestServer): Promise<Team> {
  const running = server ?? (await startTestServer({ dialect }));
  const alice = await signUp(running);
  const bob = await signUp(running, 'bob');
  const carol = await signUp(running, 'carol');
  const place = await createSpace(alice);
  await join(alice, bob, place);
  return { server: running, alice, bob, carol, ...place };
}
