import { createDeferred, type JsonValue, seededRandom } from '@puffo/base';
import { ClientError, type HttpClient } from '@puffo/client';
import { createEnvelopeId, type EnvelopeId } from '@puffo/protocol';
import { startTestNetwork, type TestNetwork, type TestUser, waitFor } from '@puffo/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStatusReporter, type StatusReporter } from '../../src/worker/status-reporter.ts';
import { createManualSleep, type ManualSleep } from '../kit/manual-sleep.ts';
import { createRecordingLogger, type RecordingLogger } from '../kit/recording-logger.ts';

const random = seededRandom(7);
const TURN = 'turn_1';

describe('a status reporter on a server', () => {
  let network: TestNetwork;

  beforeAll(async () => {
    network = await startTestNetwork();
  });

  afterAll(() => network[Symbol.asyncDispose]());

  async function startAgent() {
    const { alice, agent, channel } = await network.worlds.personAndAgent();
    const time = createManualSleep();
    const logger = createRecordingLogger();
    const reporter = createStatusReporter({ http: agent.client.http, random, logger, sleep: time.sleep });
    const ask = async (text: string) => (await alice.say(channel, text)).envelopeId;
    return { alice, agent, reporter, time, logger, ask };
  }

  it('shows an agent as idle as soon as it is ready', async () => {
    const { alice, agent, reporter } = await startAgent();
    await using _ = reporter;
    expect((await statusOf(alice, agent)).status).toBe('offline');
    reporter.start();
    await waitForStatus(alice, agent, { status: 'idle', current_message_id: undefined });
  });

  it('shows on which message an agent works, and that it is done', async () => {
    const { alice, agent, reporter, ask } = await startAgent();
    await using _ = reporter;
    const messageId = await ask('How are you?');
    reporter.turnStarted(TURN, [messageId]);
    await waitForStatus(alice, agent, { status: 'busy', current_message_id: messageId });
    reporter.turnEnded(TURN, { messageIds: [messageId], succeeded: true });
    await waitForStatus(alice, agent, { status: 'idle', current_message_id: undefined });
    expect(await runsOf(alice, messageId)).toMatchObject([{ agent_slug: agent.slug, succeeded: true }]);
  });

  it('reports start and end of every message of a turn, each with a run of its own', async () => {
    const { alice, agent, reporter, ask, logger } = await startAgent();
    const messageIds = [await ask('one'), await ask('two'), await ask('three')];
    reporter.turnStarted(TURN, messageIds);
    reporter.turnEnded(TURN, { messageIds, succeeded: true });
    await reporter[Symbol.asyncDispose]();
    const runs = (await Promise.all(messageIds.map((id) => runsOf(alice, id)))).flat();
    expect(runs.map(({ succeeded }) => succeeded)).toEqual([true, true, true]);
    expect(new Set(runs.map(({ run_id: id }) => id)).size).toBe(3);
    expect((await statusOf(alice, agent)).status).toBe('idle');
    expect(logger.eventsAt('warn')).toEqual([]);
  });

  it('gives each attempt at a message a fresh run, and shows why the last one failed', async () => {
    const { alice, agent, reporter, ask } = await startAgent();
    const messageId = await ask('Please try');
    for (const turnId of ['turn_1', 'turn_2']) {
      reporter.turnStarted(turnId, [messageId]);
      reporter.turnEnded(turnId, { messageIds: [messageId], succeeded: false, errorText: `No answer in ${turnId}` });
    }
    await reporter[Symbol.asyncDispose]();
    const runs = await runsOf(alice, messageId);
    const reasons = new Set(runs.map(({ error_text: text }) => text));
    expect(reasons).toEqual(new Set(['No answer in turn_1', 'No answer in turn_2']));
    expect(await statusOf(alice, agent)).toMatchObject({ status: 'error', error_text: 'No answer in turn_2' });
  });

  it('ends the other runs of a turn when the server refuses one of them', async () => {
    const { alice, reporter, ask } = await startAgent();
    const known = await ask('one');
    reporter.turnEnded(TURN, { messageIds: [createEnvelopeId(random), known], succeeded: true });
    await reporter[Symbol.asyncDispose]();
    expect(await runsOf(alice, known)).toMatchObject([{ succeeded: true }]);
  });

  it('shows that an agent does not listen, and why, before it ever was ready', async () => {
    const { alice, agent, reporter } = await startAgent();
    reporter.failed('The connection broke');
    await reporter[Symbol.asyncDispose]();
    expect(await statusOf(alice, agent)).toMatchObject({ status: 'error', error_text: 'The connection broke' });
  });

  it('takes it for normal that the server refuses a beat right after a run', async () => {
    const { reporter, ask, logger } = await startAgent();
    const messageIds = [await ask('Hello')];
    reporter.turnStarted(TURN, messageIds);
    reporter.turnEnded(TURN, { messageIds, succeeded: true });
    reporter.start();
    await waitFor(() => logger.eventsAt('debug').length > 0, 'the refusal of the beat');
    await reporter[Symbol.asyncDispose]();
    expect(logger.lines).toEqual([
      { level: 'debug', event: 'status-report-failed', fields: { report: 'heartbeat', code: 'RATE_LIMITED' } },
    ]);
  });
});

describe('a status reporter', () => {
  it('repeats in its beats the state that the server took, and the message with busy', async () => {
    const { calls, reporter, time } = setUp();
    await using _ = reporter;
    const [messageId] = createIds(1);
    reporter.start();
    await calls.settled(1);
    reporter.turnStarted(TURN, [messageId!]);
    await calls.settled(2);
    await passBeat(time);
    await calls.settled(3);
    reporter.turnEnded(TURN, { messageIds: [messageId!], succeeded: false, errorText: 'No key' });
    await calls.settled(4);
    await passBeat(time);
    await calls.settled(5);
    expect(calls.beats).toEqual([
      { status: 'idle' },
      { status: 'busy', current_message_id: messageId },
      { status: 'error' },
    ]);
  });

  it('goes on reporting idle when the start of a run was not taken', async () => {
    const { calls, reporter, time } = setUp({ startRun: refuseWith('refused', 403) });
    await using _ = reporter;
    reporter.turnStarted(TURN, createIds(1));
    reporter.start();
    await calls.settled(2);
    await passBeat(time);
    await calls.settled(3);
    expect(calls.beats).toEqual([{ status: 'idle' }, { status: 'idle' }]);
  });

  it('warns once of each kind of failure', async () => {
    const { calls, reporter, logger } = setUp({ startRun: refuseWith('refused', 403), endRun: refuseWith('timeout') });
    for (const turnId of ['turn_1', 'turn_2', 'turn_3']) {
      const messageIds = createIds(1);
      reporter.turnStarted(turnId, messageIds);
      reporter.turnEnded(turnId, { messageIds, succeeded: true });
    }
    await calls.settled(6);
    await reporter[Symbol.asyncDispose]();
    expect(logger.eventsAt('warn')).toEqual(['status-report-failed', 'status-report-failed']);
  });

  it('says that the agent does not listen until it does, with the text until the server has it', async () => {
    let refusals = 1;
    const { calls, reporter, time } = setUp({
      sendHeartbeat: ({ status }) => {
        if (status === 'error' && refusals-- > 0) refuseWith('rate-limited', 429)();
      },
    });
    await using _ = reporter;
    reporter.start();
    await calls.settled(1);
    reporter.failed('The connection broke');
    await calls.settled(2);
    await passBeat(time);
    await calls.settled(3);
    await passBeat(time);
    await calls.settled(4);
    reporter.recovered();
    await calls.settled(5);
    expect(calls.beats).toEqual([
      { status: 'idle' },
      { status: 'error', error_text: 'The connection broke' },
      { status: 'error', error_text: 'The connection broke' },
      { status: 'error' },
      { status: 'idle' },
    ]);
  });

  it('asks for the next beat earlier when what the server shows is not true', async () => {
    const { calls, reporter, time } = setUp({ sendHeartbeat: refuseWith('rate-limited', 429) });
    await using _ = reporter;
    reporter.failed('The connection broke');
    await calls.settled(1);
    reporter.start();
    await calls.settled(2);
    const [delayMs] = time.delays;
    expect(delayMs).toBeLessThan(20_000);
    expect(delayMs).toBeGreaterThanOrEqual(10_000);
  });

  it('does not let agents that began together beat together', async () => {
    const many = Array.from({ length: 20 }, (_, seed) => setUp({}, seed));
    for (const { reporter } of many) reporter.start();
    await Promise.all(many.map(({ calls }) => calls.settled(1)));
    const delays = many.map(({ time }) => time.delays[0] ?? 0);
    expect(new Set(delays).size).toBeGreaterThan(15);
    expect(Math.max(...delays)).toBeLessThanOrEqual(60_000);
    await Promise.all(many.map(({ reporter }) => reporter[Symbol.asyncDispose]()));
  });

  it('sends the end of a run after its start, however long that takes', async () => {
    const gate = createDeferred<void>();
    const { calls, reporter } = setUp({ startRun: () => gate.promise });
    await using _ = reporter;
    const messageIds = createIds(1);
    reporter.turnStarted(TURN, messageIds);
    reporter.turnEnded(TURN, { messageIds, succeeded: true });
    expect(calls.names).toEqual(['startRun']);
    gate.resolve();
    await calls.settled(2);
    expect(calls.names).toEqual(['startRun', 'endRun']);
    expect(calls.bodies[0]).toMatchObject({ run_id: expect.stringMatching(/^run_[0-9a-f]{32}$/) });
    expect(calls.bodies[1]).toMatchObject({ run_id: (calls.bodies[0] as { run_id: string }).run_id });
  });

  it('keeps the ends and gives up starts when more is to be said than a server takes', async () => {
    const gate = createDeferred<void>();
    const { calls, reporter, logger } = setUp({ startRun: () => gate.promise });
    for (let turn = 0; turn < 180; turn++) {
      const messageIds = createIds(1);
      reporter.turnStarted(`turn_${turn}`, messageIds);
      reporter.turnEnded(`turn_${turn}`, { messageIds, succeeded: true });
    }
    gate.resolve();
    await reporter[Symbol.asyncDispose]();
    expect(calls.names.filter((name) => name === 'endRun')).toHaveLength(180);
    expect(logger.lines).toEqual([
      { level: 'warn', event: 'status-reports-dropped', fields: { count: 360 - 1 - 200 } },
    ]);
  });

  it('cuts error texts to what the server takes', async () => {
    const { calls, reporter } = setUp();
    reporter.failed(`${'x'.repeat(1023)}😀`);
    await reporter[Symbol.asyncDispose]();
    expect(calls.beats).toEqual([{ status: 'error', error_text: 'x'.repeat(1023) }]);
  });

  it('ends while a server does not answer, and says nothing afterwards', async () => {
    const { calls, reporter, time } = setUp({ startRun: (_, signal) => untilAborted(signal) });
    reporter.start();
    reporter.turnStarted(TURN, createIds(2));
    await waitFor(() => calls.names.includes('startRun'), 'the first report');
    const disposed = reporter[Symbol.asyncDispose]();
    await waitFor(() => time.delays.length > 0, 'the last wait');
    time.pass(10_000);
    await disposed;
    const { length } = calls.names;
    reporter.start();
    reporter.failed('too late');
    reporter.turnStarted('turn_2', createIds(1));
    expect(calls.names).toHaveLength(length);
    expect(length).toBe(2);
  });
});

type Handler = (body: { readonly status?: string }, signal: AbortSignal | undefined) => unknown;
type CallName = 'sendHeartbeat' | 'startRun' | 'endRun' | 'endRuns';

interface RecordedCalls {
  readonly names: readonly string[];
  readonly bodies: readonly JsonValue[];
  readonly beats: readonly JsonValue[];
  /** Resolves when so many calls were made and answered. */
  settled(count: number): Promise<unknown>;
}

interface SetUp {
  readonly calls: RecordedCalls;
  readonly reporter: StatusReporter;
  readonly time: ManualSleep;
  readonly logger: RecordingLogger;
}

/** On a server that takes everything, but for what the test says. */
function setUp(handlers: Partial<Record<CallName, Handler>> = {}, seed = 1): SetUp {
  const names: CallName[] = [];
  const bodies: JsonValue[] = [];
  let settledCalls = 0;
  async function answer(name: CallName, { body, signal }: { body: JsonValue; signal?: AbortSignal }): Promise<unknown> {
    names.push(name);
    bodies.push(body);
    try {
      await handlers[name]?.(body as { status?: string }, signal);
      return { ok: true };
    } finally {
      settledCalls++;
    }
  }
  const time = createManualSleep();
  const logger = createRecordingLogger();
  const http = { call: answer } as unknown as Pick<HttpClient, 'call'>;
  const reporter = createStatusReporter({ http, random: seededRandom(seed), logger, sleep: time.sleep });
  const calls: RecordedCalls = {
    names,
    bodies,
    get beats() {
      return bodies.filter((_, index) => names[index] === 'sendHeartbeat');
    },
    settled: (count) => waitFor(() => settledCalls >= count, `${count} calls`),
  };
  return { calls, reporter, time, logger };
}

async function passBeat(time: ManualSleep): Promise<void> {
  await waitFor(() => time.delays.length > 0, 'the reporter to wait');
  time.pass(60_000);
}

function refuseWith(code: 'refused' | 'timeout' | 'rate-limited', status = 0): () => never {
  return () => {
    throw new ClientError(`Cannot report: ${code}`, { code, ...(status === 0 ? {} : { status }) });
  };
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new ClientError('Stopped', { code: 'aborted' })), { once: true });
  });
}

function createIds(count: number): readonly EnvelopeId[] {
  return Array.from({ length: count }, () => createEnvelopeId(random));
}

function statusOf(reader: TestUser, { slug }: TestUser) {
  return reader.client.http.call('getAgentStatus', { params: { slug } });
}

async function waitForStatus(reader: TestUser, agent: TestUser, expected: object): Promise<void> {
  await waitFor(
    async () => {
      const status = await statusOf(reader, agent);
      return Object.entries(expected).every(([name, value]) => status[name as keyof typeof status] === value);
    },
    `the status ${JSON.stringify(expected)}`,
  );
}

async function runsOf(reader: TestUser, messageId: EnvelopeId) {
  const { runs } = await reader.client.http.call('listRuns', { params: { envelope_id: messageId } });
  return runs.items;
}
