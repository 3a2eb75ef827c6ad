// Where most scenarios about messages begin: two people in a channel, and one who is not.
import { makeChannel, type TestChannel } from './test-conversation.ts';
import { signUp, type TestPerson } from './test-person.ts';
import { type Dialect, startTestServer, type TestServer } from './test-server.ts';

export interface TestScene {
  readonly server: TestServer;
  readonly alice: TestPerson;
  readonly bob: TestPerson;
  /** In no channel. */
  readonly carol: TestPerson;
  /** Of alice and bob. */
  readonly channel: TestChannel;
}

export async function startScene(dialect: Dialect): Promise<TestScene> {
  const server = await startTestServer({ dialect });
  const alice = await signUp(server, 'alice');
  const bob = await signUp(server, 'bob');
  const carol = await signUp(server, 'carol');
  return { server, alice, bob, carol, channel: await makeChannel(server, [alice, bob]) };
}
