// What requests and sockets of one proxy share.
import { sleep } from '@puffo/base';
import type { FaultPlan } from './fault-plan.ts';

export interface ProxyCore {
  readonly plan: FaultPlan;
  /** `http://host:port` */
  readonly target: URL;
  readonly settings: ProxySettings;
  /** Aborted, and replaced, by every `heal`. */
  readonly healed: () => AbortSignal;
  /** Aborted when the proxy is closed. */
  readonly closed: AbortSignal;
}

export interface ProxySettings {
  /** The longest delay. */
  readonly maxDelayMs: number;
  /** How long a frame waits for another one to go ahead of it. */
  readonly holdMs: number;
  /** How long what stalls stalls, unless it is healed. */
  readonly stallMs: number;
  /** What refusals with 429 and 503 ask for. */
  readonly retryAfterSeconds: number;
}

/** A part of the longest delay. */
export async function delay(core: ProxyCore, size: number): Promise<void> {
  await pause(size * core.settings.maxDelayMs, core.closed);
}

/** Until `heal`, for `stallMs`, or as long as there is anybody who waits. */
export async function stall(core: ProxyCore, ended: AbortSignal = core.closed): Promise<void> {
  await pause(core.settings.stallMs, AbortSignal.any([core.healed(), core.closed, ended]));
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, signal);
  } catch (error) {
    // Being called off is a way to end, not a failure.
    if (!signal.aborted) throw error;
  }
}
