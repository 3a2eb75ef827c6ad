// Timing that survives a shared machine: each candidate and its limit run in turn, and ratios are taken pair by pair.

export type Task = () => unknown;

export interface Candidate {
  readonly run: Task;
  readonly limit: Task;
  /** Calls per round; a round should take some tens of milliseconds. */
  readonly callsPerRound: number;
}

export interface Measurement {
  /** Median, calls per second. */
  readonly perSecond: number;
  readonly limitPerSecond: number;
  /** Median over the rounds of run against limit in the same round. */
  readonly ratio: number;
}

const ROUNDS = 15;
const WARM_UP_ROUNDS = 3;

export async function measure({ run, limit, callsPerRound }: Candidate): Promise<Measurement> {
  const times: number[] = [];
  const limitTimes: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const limitTime = await timeOf(limit, callsPerRound);
    const time = await timeOf(run, callsPerRound);
    if (round < 0) continue;
    times.push(time);
    limitTimes.push(limitTime);
  }
  return {
    perSecond: 1 / median(times),
    limitPerSecond: 1 / median(limitTimes),
    ratio: median(times.map((time, index) => (limitTimes[index] ?? NaN) / time)),
  };
}

/** Median calls per second, alone. */
export async function rateOf(task: Task, callsPerRound: number): Promise<number> {
  const times: number[] = [];
  for (let round = -1; round < 5; round++) {
    const time = await timeOf(task, callsPerRound);
    if (round >= 0) times.push(time);
  }
  return 1 / median(times);
}

/** Seconds per call. */
async function timeOf(task: Task, calls: number): Promise<number> {
  const start = process.hrtime.bigint();
  for (let call = 0; call < calls; call++) {
    const result = task();
    if (result instanceof Promise) await result;
  }
  return Number(process.hrtime.bigint() - start) / 1e9 / calls;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
