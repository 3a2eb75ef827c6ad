// Situations that many tests begin with, by name.
import type { ChannelPlace } from '@puffo/client';
import type { TestSpace } from './test-space.ts';
import type { TestUser } from './test-user.ts';

export interface Worlds {
  /** Alice and Bob share a space, and a private channel in it. */
  twoPeople(): Promise<TwoPeople>;
  /** Alice and her agent share a space, and a private channel in it. */
  personAndAgent(): Promise<PersonAndAgent>;
  /** `count` people share a space, and a private channel in it that the first of them made. */
  crowd(count: number): Promise<Crowd>;
}

export interface SharedPlace {
  readonly space: TestSpace;
  readonly channel: ChannelPlace;
}

export interface TwoPeople extends SharedPlace {
  readonly alice: TestUser;
  readonly bob: TestUser;
}

export interface PersonAndAgent extends SharedPlace {
  readonly alice: TestUser;
  readonly agent: TestUser;
}

export interface Crowd extends SharedPlace {
  readonly people: readonly TestUser[];
}

export function createWorlds(signUp: (username: string) => Promise<TestUser>): Worlds {
  return {
    async twoPeople() {
      const alice = await signUp('alice');
      const bob = await signUp('bob');
      return { alice, bob, ...(await shareSpace(alice, [bob])) };
    },
    async personAndAgent() {
      const alice = await signUp('alice');
      const agent = await alice.registerAgent('helper');
      return { alice, agent, ...(await shareSpace(alice, [agent])) };
    },
    async crowd(count) {
      const people: TestUser[] = [];
      for (let number = 1; number <= count; number++) people.push(await signUp(`person${number}`));
      const [first, ...others] = people;
      if (first === undefined) throw new TypeError(`Cannot make a crowd: ${count} is nobody`);
      return { people, ...(await shareSpace(first, others)) };
    },
  };
}

async function shareSpace(owner: TestUser, others: readonly TestUser[]): Promise<SharedPlace> {
  const space = await owner.createSpace('Team');
  await space.add(...others);
  return { space, channel: await space.createChannel('plans', others) };
}
