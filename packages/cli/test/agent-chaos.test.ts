// A bad day for agents: while people ask them a thousand things, their daemons are killed in the middle of the work and their
// network is cut. Every message is answered exactly once, or visibly given up. spec: daemon-and-cli D-3, issue 5
import { type Closer, createCloser, seededRandom, sleep, systemClock, systemRandom } from '@puffo/base';
import { openAgentStore } from '@puffo/daemon';
import { type FaultRates, waitFor } from '@puffo/testbed';
import { describe, expect, it } from 'vitest';
import { type DaemonProgram, launchDaemon, readRuntime, startDaemon } from './kit/agent-daemon.ts';
import { askAll, planQuestions } from './kit/chaos-load.ts';
import { type AskedQuestion, type ChaosView, createChaosView, isInPlace, isOver } from './kit/chaos-view.ts';
import { type ChaosAgent, type ChaosWorld, createChaosWorld } from './kit/chaos-world.ts';

const MESSAGES = 1000;
const KILLS = 100;
const NETWORK_FAULTS = 100;
const SEED = 61;
const AGENTS = 2;
/** Of the test as a whole: it ends in a fraction of it. */
const TIMEOUT_MS = 900_000;
const PATIENCE = { timeoutMs: 600_000 };
/** A daemon that gets nothing done, because its network is gone, is killed all the same. */
const LIFE_MS = 10_000;
/** After the moment that was waited for. */
const KILL_WITHIN_MS = 120;
/** Every so many lives one ends before it has begun to work. */
const EARLY_KILL_EVERY = 8;
const EARLY_KILL_WITHIN_MS = 1200;
const CUT_EVERY = 90;

const RATES: FaultRates = {
  'refuse-503': 0.005,
  'refuse-429': 0.005,
  'mask-503': 0.01,
  'drop-request': 0.01,
  'drop-answer': 0.01,
  'truncate-answer': 0.005,
  'delay-answer': 0.015,
  'delay-server-frame': 0.01,
  'duplicate-frame': 0.02,
  'cut-server-frame': 0.002,
};

describe('a bad day for agents', () => {
  it(
    `answers each of ${MESSAGES} messages once, through ${KILLS} kills and at least ${NETWORK_FAULTS} faults of the network`,
    async () => {
      await using world = await createChaosWorld({ people: 5, agents: AGENTS, seed: SEED });
      await using closer = createCloser();
      const view = createChaosView(world);
      const asked: AskedQuestion[] = [];
      const day: Day = { world, view, asked, closer, kills: [], over: () => countOver(asked, view()) };
      world.proxy.setRates(RATES);
      const asking = askAll(planQuestions(world, MESSAGES), {
        view,
        onAsked: (question) => asked.push(question),
        ...PATIENCE,
      });
      const killing = world.agents.map((agent, number) => keepKilling(agent, { ...day, number }));
      const [daemons] = await Promise.all([Promise.all(killing), asking, cutFromTimeToTime(day)]);
      world.proxy.heal();
      await waitFor(() => day.over() === MESSAGES, 'every message to be over', PATIENCE);
      await Promise.all(daemons.map(end));
      await liveOnceMore(world.agents);
      report(day);
      await expectOnce(day);
      expect(day.kills.length).toBe(KILLS);
      // Otherwise nothing was ever cut off in the middle.
      expect(countRepeated(world)).toBeGreaterThan(0);
      expect(world.proxy.faultCount).toBeGreaterThanOrEqual(NETWORK_FAULTS);
    },
    TIMEOUT_MS,
  );
});

interface Day {
  readonly world: ChaosWorld;
  readonly view: () => ChaosView;
  readonly asked: readonly AskedQuestion[];
  /** Of daemons. */
  readonly closer: Closer;
  /** Agents whose daemon was killed, each as often as it was. */
  readonly kills: string[];
  /** How many messages are answered, or given up. */
  readonly over: () => number;
}

function countOver(asked: readonly AskedQuestion[], seen: ChaosView): number {
  return asked.filter((question) => isOver(question, seen)).length;
}

/** The daemon that lives at the end. */
async function keepKilling(agent: ChaosAgent, day: Day & { readonly number: number }): Promise<DaemonProgram> {
  const random = seededRandom(SEED + 10 + day.number);
  const kills = KILLS / AGENTS;

  function within(maxMs: number): number {
    const [high = 0, low = 0] = random.bytes(2);
    return ((high * 256 + low) / 65_536) * maxMs;
  }

  for (let life = 0; life < kills; life++) {
    const daemon = day.closer.use(launchDaemon(agent.home));
    if (life % EARLY_KILL_EVERY === EARLY_KILL_EVERY - 1) await sleep(within(EARLY_KILL_WITHIN_MS));
    else await waitForWork(agent, day, ((life + 1) / kills) * MESSAGES);
    await sleep(within(KILL_WITHIN_MS));
    daemon.kill('SIGKILL');
    // Anything else means that it had ended by itself.
    if ((await daemon.ending) === null) day.kills.push(agent.id);
  }
  return day.closer.use(launchDaemon(agent.home));
}

/** Of this life: something was done, and as much as is due all in all. */
async function waitForWork(agent: ChaosAgent, { over, world }: Day, due: number): Promise<void> {
  const begun = world.turnsOf(agent.id);
  const until = systemClock() + LIFE_MS;
  await waitFor(
    () => (world.turnsOf(agent.id) > begun && over() >= Math.floor(due) - MESSAGES / KILLS) || systemClock() > until,
    `${agent.id} to work`,
    PATIENCE,
  );
}

/** Every connection at once. */
async function cutFromTimeToTime({ world, over }: Day): Promise<void> {
  for (let due = CUT_EVERY; due < MESSAGES; due += CUT_EVERY) {
    await waitFor(() => over() >= due, `${due} messages to be over`, PATIENCE);
    world.proxy.cutAll();
  }
}

async function end(daemon: DaemonProgram): Promise<void> {
  daemon.kill('SIGTERM');
  expect(await daemon.ending).toBe(0);
}

/** What would be said twice is said by now. */
async function liveOnceMore(agents: readonly ChaosAgent[]): Promise<void> {
  for (const { id, home } of agents) {
    await using daemon = await startDaemon(home);
    await waitFor(
      async () => {
        const record = await readRuntime(home, id);
        return record?.['phase'] === 'online' && record['messages_waiting'] === 0;
      },
      `${id} to have nothing to do`,
      PATIENCE,
    );
    await end(daemon);
  }
}

/** By what people have, and by what the agents have written down. */
async function expectOnce({ world, view, asked }: Day): Promise<void> {
  const { answers, notices } = view();
  expect(new Set(asked.map(({ sent }) => sent.envelopeId)).size).toBe(MESSAGES);
  const counts = asked.map(({ marker, sent }) => ({
    marker,
    answers: answers.get(marker)?.length ?? 0,
    notices: notices.get(sent.envelopeId) ?? 0,
  }));
  expect(counts.filter((each) => each.answers + each.notices !== 1)).toEqual([]);
  const astray = asked.filter((question) =>
    answers.get(question.marker)?.some((answer) => !isInPlace(answer, question, question.agent)),
  );
  expect(astray.map(({ marker }) => marker)).toEqual([]);
  for (const agent of world.agents) {
    const path = agent.home.in('agents', agent.id, 'puffo-agent.db');
    await using store = await openAgentStore(path, { clock: systemClock, random: systemRandom });
    for (const { marker, sent, agent: other } of asked) {
      if (other !== agent) continue;
      const entry = await store.find(sent.envelopeId);
      expect([marker, entry?.state]).toEqual([marker, answers.has(marker) ? 'answered' : 'failed']);
    }
  }
}

/** Messages that the model was asked about more than once. */
function countRepeated({ asked }: ChaosWorld): number {
  return [...asked.values()].filter((times) => times > 1).length;
}

function report({ world, view, asked, kills }: Day): void {
  const { answers, notices, messages } = view();
  const requests = world.agents.reduce((sum, { id }) => sum + world.turnsOf(id), 0);
  const faults = Object.entries(world.proxy.faults).filter(([, count]) => count > 0);
  process.stdout.write(
    [
      `${asked.length} messages, ${kills.length} kills, ${world.proxy.faultCount} faults of the network`,
      `${answers.size} answered in ${messages} messages, ${notices.size} given up`,
      `${requests} requests to the model; ${countRepeated(world)} messages were in more than one`,
      faults.map(([kind, count]) => `${kind} ${count}`).join(', '),
      '',
    ].join('\n'),
  );
}
