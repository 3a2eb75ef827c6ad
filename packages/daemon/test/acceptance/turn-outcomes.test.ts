// A turn that did and said nothing, one that crashed and one that was cancelled look different everywhere that anybody looks.
import { isJsonObject, systemClock } from '@puffo/base';
import { type ScriptedTurn, scriptedTurns } from '@puffo/engine';
import { waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { summarizeRuntime } from '../../src/operations/runtime-summary.ts';
import { createRecordingLogger, type RecordingLogger } from '../kit/recording-logger.ts';
import { startWorkerWorld, type WorkerWorld } from '../worker/worker-world.ts';
import { AGENT_ID, ask, readRecord } from './kit.ts';

interface Outcome {
  /** On the server, which whoever asked sees. */
  readonly status: string;
  readonly logged: unknown;
  readonly recorded: unknown;
  readonly shown: string | undefined;
}

interface Case {
  readonly turn: ScriptedTurn;
  readonly end?: (world: WorkerWorld) => Promise<void>;
}

const CASES = {
  'that neither used a tool nor said anything': { turn: scriptedTurns.silence() },
  'that crashed': { turn: scriptedTurns.failure('crashed') },
  'that was cancelled': {
    turn: scriptedTurns.hang(),
    end: (world: WorkerWorld) => world.stop(),
  },
} satisfies Record<string, Case>;

const EXPECTED: Readonly<Record<keyof typeof CASES, Outcome>> = {
  'that neither used a tool nor said anything': {
    status: 'Trying again later: the AI model gave an empty answer',
    logged: 'empty_answer',
    recorded: 'empty_answer',
    shown: 'neither used a tool nor said anything',
  },
  'that crashed': {
    status: 'Trying again later: the program that runs the AI model ended unexpectedly',
    logged: 'crashed',
    recorded: 'crashed',
    shown: 'crashed: the program that runs the AI model ended unexpectedly',
  },
  'that was cancelled': {
    status: 'Cancelled: the agent was stopped, and goes on with this message when it runs again',
    logged: 'cancelled',
    recorded: 'cancelled',
    shown: 'was cancelled: the agent was stopped',
  },
};

describe('a turn', () => {
  test.each(Object.keys(CASES) as readonly (keyof typeof CASES)[])(
    '%s is visible as such in status, log and `agent show`',
    async (name) => {
      expect(await outcomeOf(CASES[name])).toEqual(EXPECTED[name]);
    },
  );

  test('whose author chose silence is another one than a turn that said nothing', async () => {
    const chosen = await outcomeOf({ turn: scriptedTurns.text('[SILENT]') });
    expect(chosen).toEqual({ status: '', logged: 'silent', recorded: 'silent', shown: 'chose to say nothing' });
  });

  test('that said nothing to what nobody asked is well, and still called what it was', async () => {
    const logger = createRecordingLogger();
    await using world = await startWorkerWorld({ logger });
    world.engine.script([scriptedTurns.silence()]);
    await world.start();
    await world.alice.say(world.channel, 'nobody in particular is asked');
    await waitFor(() => endedTurns(logger).length === 1, 'the end of the turn');
    expect(endedTurns(logger)).toEqual([{ outcome: 'empty_answer', isAgain: false }]);
    await waitFor(() => world.keeper.facts.lastTurn !== undefined, 'the record to say so');
    expect(world.keeper.facts).toMatchObject({ error: '', lastTurn: { outcome: 'empty_answer' } });
  });
});

async function outcomeOf({ turn, end }: Case): Promise<Outcome> {
  const logger = createRecordingLogger();
  await using world = await startWorkerWorld({ logger });
  world.engine.script([turn]);
  await world.start();
  const { envelopeId } = await ask(world, 'hello');
  await waitFor(() => world.engine.turns.length === 1, 'the turn');
  await end?.(world);
  await waitFor(() => endedTurns(logger).length === 1, 'the end of the turn');
  const run = await waitFor(async () => {
    const { runs } = await world.alice.client.http.call('listRuns', { params: { envelope_id: envelopeId } });
    return runs.items.find(({ ended_at: endedAt }) => endedAt !== null);
  }, 'the server to know of the end');
  await world.stop();
  const { last_turn: recorded } = await readRecord(world);
  const summary = await summarizeRuntime(world.home.agent(AGENT_ID), { isDaemonAlive: true, now: systemClock() });
  return {
    status: run.error_text ?? '',
    logged: endedTurns(logger)[0]?.outcome,
    recorded: isJsonObject(recorded) ? recorded['outcome'] : undefined,
    shown: summary?.lastTurn?.description,
  };
}

function endedTurns({ lines }: RecordingLogger) {
  return lines.flatMap(({ event, fields: { outcome, isAgain } }) =>
    event === 'turn-end' ? [{ outcome, isAgain }] : [],
  );
}
