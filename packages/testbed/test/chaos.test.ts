// A bad day: thousands of messages through a network that cuts, delays, repeats and refuses, to a server that is killed and
// restarted meanwhile. Everything arrives, once, in the order of the server.
import { sleep } from '@puffo/base';
import type { ChannelPlace, SentMessage } from '@puffo/client';
import { describe, expect, it } from 'vitest';
import type { FaultKind } from '../src/proxy/fault-kind.ts';
import type { FaultRates } from '../src/proxy/fault-plan.ts';
import { type FlakyProxy, startFlakyProxy } from '../src/proxy/flaky-proxy.ts';
import { startTestNetwork, type TestNetwork } from '../src/network/test-network.ts';
import type { TestUser } from '../src/network/test-user.ts';
import { waitFor } from '../src/network/wait-for.ts';
import { describeFaults } from './kit/describe-faults.ts';

const MESSAGES = 2000;
const PEOPLE = 5;
const FAULTS = 500;
/** Of the test as a whole: it ends in a fraction of it. */
const TIMEOUT_MS = 300_000;
const ARRIVAL_MS = 120_000;
/** Pauses between two connections are at least a second long by design, and far too long for so many of them. */
const PAUSE_FACTOR = 100;

const RATES: FaultRates = {
  'refuse-429': 0.02,
  'refuse-503': 0.02,
  'mask-429': 0.01,
  'mask-503': 0.02,
  'drop-request': 0.02,
  'drop-answer': 0.02,
  'truncate-answer': 0.02,
  'delay-answer': 0.05,
  'cut-server-frame': 0.01,
  'delay-server-frame': 0.02,
  'duplicate-frame': 0.05,
  'close-1000': 0.004,
  'close-1001': 0.004,
  'close-1012': 0.004,
  'close-1013': 0.004,
  'close-4401': 0.002,
  'cut-client-frame': 0.01,
  'delay-client-frame': 0.02,
};

const RARE = [
  'close-1000',
  'close-1001',
  'close-1012',
  'close-1013',
  'close-4401',
  'cut-client-frame',
] as const satisfies readonly FaultKind[];

/** Messages of one sender between two that are refused with 401. */
const REFUSED_EVERY = 40;

interface Sending {
  readonly from: TestUser;
  readonly to: TestUser | ChannelPlace;
  readonly readers: readonly TestUser[];
  readonly text: string;
}

describe('a bad day', () => {
  it(
    `brings ${MESSAGES} messages through at least ${FAULTS} faults, each once and in order`,
    async () => {
      await using network = await startTestNetwork({ process: true });
      await using proxy = await startFlakyProxy({
        target: network.url,
        seed: 20,
        maxDelayMs: 30,
        holdMs: 50,
        retryAfterSeconds: 0,
      });
      const sendings = await prepare(network, proxy);
      const people = [...new Set(sendings.map(({ from }) => from))];
      proxy.setRates(RATES);
      // Too rare to be left to chance alone.
      for (const kind of RARE) proxy.inject(kind, { times: 2 });

      const sent: SentMessage[] = [];
      const refusals = createRefusals(proxy);
      const sending = sendings.map(async ({ from, to, text }) => {
        sent.push(await from.say(to, text));
        await refusals.noteSent(from);
      });
      await Promise.all([...sending, bringDown(network, () => sent.length)]);
      await waitFor(() => people.every((person) => hasAll(person, sendings)), 'every message everywhere', {
        timeoutMs: ARRIVAL_MS,
      });
      proxy.heal();
      // What was handed over twice would be so by now: everything is asked for once more.
      await Promise.all(people.map((person) => person.restart()));
      await Promise.all(people.map((person) => person.listen()));

      process.stdout.write(`${describeFaults(proxy.faults)}\n`);
      expect(new Set(sent.map(({ envelopeId }) => envelopeId)).size).toBe(MESSAGES);
      expect(new Set(sent.map(({ seq }) => seq)).size).toBe(MESSAGES);
      for (const person of people) {
        expect(person.inbox.texts.toSorted()).toEqual(textsFor(person, sendings));
        expect(person.inbox.received.filter(({ kind }) => kind !== 'message')).toEqual([]);
        expectOrder(person);
      }
      expect(proxy.faultCount).toBeGreaterThanOrEqual(FAULTS);
      expectEveryKind(proxy);
    },
    TIMEOUT_MS,
  );
});

/**
 * A message signed by the sender's present subkey is refused, and no other one of this sender until the next subkey is in use:
 * a caller that is not believed twice in a row is told so, and that is no fault of the network.
 */
function createRefusals(proxy: FlakyProxy): { noteSent(sender: TestUser): Promise<void> } {
  const last = new Map<TestUser, { readonly signerId: string; sent: number }>();
  let turn = 0;
  return {
    async noteSent(sender) {
      const { signerId } = await sender.client.session.getSubkey();
      const before = last.get(sender) ?? { signerId: '', sent: 0 };
      before.sent++;
      last.set(sender, before);
      if (before.sent < REFUSED_EVERY || before.signerId === signerId) return;
      last.set(sender, { signerId, sent: 0 });
      const kind = turn++ % 2 === 0 ? 'refuse-401' : 'mask-401';
      proxy.inject(kind, { method: 'POST', path: '/messages', header: ['x-puffo-signer-id', signerId] });
    },
  };
}

/** People, two channels and all pairs, and what they will say to each other. */
async function prepare(network: TestNetwork, proxy: FlakyProxy): Promise<readonly Sending[]> {
  const users = await Promise.all(
    Array.from({ length: PEOPLE }, (_, number) =>
      network.signUp(`person${number}`, { serverUrl: proxy.url, pauseSleep: sleepShorter }),
    ),
  );
  const [owner, ...others] = users;
  if (owner === undefined) throw new TypeError('nobody is there');
  const space = await owner.createSpace('Team');
  await space.add(...others);
  const channels = [space.general, await space.createChannel('plans', others)];
  await Promise.all(users.map((user) => user.listen()));
  return users.flatMap((from, index) => {
    const peers = users.filter((user) => user !== from);
    const places = [...channels, ...peers];
    return Array.from({ length: MESSAGES / PEOPLE }, (_, number): Sending => {
      const to = places[number % places.length] ?? space.general;
      return {
        from,
        to,
        readers: 'slug' in to ? [from, to] : users,
        text: `${index}-${String(number).padStart(4, '0')}`,
      };
    });
  });
}

/** The server is killed, and stopped as an administrator would, in the middle of the work. */
async function bringDown(network: TestNetwork, countSent: () => number): Promise<void> {
  for (const [part, how] of [
    [0.3, 'kill'],
    [0.6, 'stop'],
  ] as const) {
    await waitFor(() => countSent() >= MESSAGES * part, `${part} of the messages to be sent`, {
      timeoutMs: ARRIVAL_MS,
    });
    await network.server[how]();
    await network.server.start();
  }
}

function hasAll(person: TestUser, sendings: readonly Sending[]): boolean {
  return person.inbox.received.length >= textsFor(person, sendings).length;
}

function textsFor(person: TestUser, sendings: readonly Sending[]): readonly string[] {
  return sendings.flatMap(({ readers, text }) => (readers.includes(person) ? [text] : [])).toSorted();
}

async function sleepShorter(delayMs: number, signal?: AbortSignal): Promise<void> {
  await sleep(delayMs / PAUSE_FACTOR, signal);
}

/** Ascending by the number of the server, over all conversations. */
function expectOrder({ inbox }: TestUser): void {
  const numbers = inbox.received.map(({ seq = 0 }) => seq);
  expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
}

function expectEveryKind(proxy: FlakyProxy): void {
  const kinds = [...Object.keys(RATES), 'refuse-401', 'mask-401'] as readonly FaultKind[];
  expect(kinds.filter((kind) => proxy.faults[kind] === 0)).toEqual([]);
}
