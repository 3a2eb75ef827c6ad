// Keeps `runtime.json` of one live agent: soon after a change, and often enough to count as fresh. Costs nothing in between.
// spec: daemon-and-cli 1.7, 3.13, D-18, D-29
import type { JsonObject } from '@puffo/base';
import { type RuntimeRecord, writeRuntimeRecord } from '../home/runtime-record.ts';
import type { RuntimeFacts, RuntimeKeeper, RuntimeKeeperOptions } from './runtime-keeper.ts';

const COALESCE_MS = 200;
/** Readers take a record of 30 s for stale. */
const UNCHANGED_MS = 25_000;

export function createRuntimeKeeper({ agent, clock, heartbeatMs, logger }: RuntimeKeeperOptions): RuntimeKeeper {
  let facts = startFacts(clock());
  let timer: NodeJS.Timeout | undefined;
  let state: 'resting' | 'soon' | 'writing' | 'closed' = 'resting';
  let isChanged = false;
  let isFailing = false;
  let writing: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;

  function writeLater(delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(startWriting, delayMs);
    // A daemon that ends does not wait for the next heartbeat.
    timer.unref();
  }

  function startWriting(): void {
    state = 'writing';
    isChanged = false;
    writing = write(toRecord(facts, clock())).then(() => {
      if (state === 'closed') return;
      state = isChanged ? 'soon' : 'resting';
      if (isFailing) writeLater(heartbeatMs());
      else writeLater(isChanged ? COALESCE_MS : UNCHANGED_MS);
    });
  }

  /** Never rejects. What fails once is tried again, and said once. */
  async function write(record: RuntimeRecord): Promise<void> {
    try {
      await writeRuntimeRecord(agent, record);
      isFailing = false;
    } catch (error) {
      if (!isFailing) logger.warn('runtime-record-failed', { error: reasonOf(error) });
      isFailing = true;
    }
  }

  startWriting();
  return {
    get facts() {
      return facts;
    },
    note(change) {
      const next = { ...facts, ...change };
      if (state === 'closed' || isSame(facts, next)) return;
      facts = next;
      isChanged = true;
      if (state !== 'resting') return;
      state = 'soon';
      writeLater(COALESCE_MS);
    },
    [Symbol.asyncDispose]() {
      state = 'closed';
      clearTimeout(timer);
      closing ??= writing.then(() =>
        write({ ...toRecord(facts, clock()), status: 'stopped', others: countsOf(facts) }),
      );
      return closing;
    },
  };
}

function startFacts(now: number): RuntimeFacts {
  return {
    status: 'running',
    phase: 'starting',
    startedAt: Math.floor(now / 1000),
    msgCount: 0,
    lastEventAt: 0,
    error: '',
    health: 'unknown',
    connectedAt: undefined,
    lastErrorAt: undefined,
    nextRetryAt: undefined,
    messagesWaiting: 0,
    messagesFailed: 0,
    tokensToday: { input: 0, output: 0 },
    lastTurn: undefined,
  };
}

function isSame(before: RuntimeFacts, after: RuntimeFacts): boolean {
  const { tokensToday: tokensBefore, ...restBefore } = before;
  const { tokensToday: tokensAfter, ...restAfter } = after;
  if (tokensBefore.input !== tokensAfter.input || tokensBefore.output !== tokensAfter.output) return false;
  const valuesAfter = new Map<string, unknown>(Object.entries(restAfter));
  return Object.entries(restBefore).every(([name, value]) => valuesAfter.get(name) === value);
}

function toRecord(facts: RuntimeFacts, now: number): RuntimeRecord {
  const { connectedAt, lastErrorAt, nextRetryAt } = facts;
  return {
    status: facts.status,
    startedAt: facts.startedAt,
    updatedAt: Math.floor(now / 1000),
    msgCount: facts.msgCount,
    lastEventAt: facts.lastEventAt,
    error: facts.error,
    health: facts.health,
    others: {
      phase: facts.phase,
      ...(connectedAt === undefined ? {} : { connected_at: connectedAt }),
      ...(lastErrorAt === undefined ? {} : { last_error_at: lastErrorAt }),
      ...(nextRetryAt === undefined ? {} : { next_retry_at: nextRetryAt }),
      ...countsOf(facts),
    },
  };
}

/** What stays true when the agent is stopped. */
function countsOf({ messagesWaiting, messagesFailed, tokensToday, lastTurn }: RuntimeFacts): JsonObject {
  return {
    messages_waiting: messagesWaiting,
    messages_failed: messagesFailed,
    tokens_today: { input: tokensToday.input, output: tokensToday.output },
    ...(lastTurn === undefined ? {} : { last_turn: { outcome: lastTurn.outcome, at: lastTurn.at } }),
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
