// What tools said while a turn ran: it decides whether the model's text is posted. Calls belong to the turn in which they begin,
// and it is not over before they are. spec: mcp-tools 8.3
import type { EnvelopeId } from '@puffo/protocol';
import { sleep } from '@puffo/base';

export interface OpenTurn {
  readonly turnId: string;
  /** Those that it answers, in order. */
  readonly messageIds: readonly EnvelopeId[];
  /** Successful ones. */
  readonly sends: TurnSend[];
  /** The agent said that it has nothing to say. */
  declined: boolean;
}

export interface TurnSend {
  readonly tool: string;
  readonly messageId: string;
}

export interface TurnSummary {
  /** Of calls that said something, in whatever conversation. */
  readonly sends: number;
  readonly declined: boolean;
}

export interface TurnLedger {
  readonly current: OpenTurn | undefined;
  begin(turnId: string, messageIds: readonly EnvelopeId[]): void;
  /** `work` is part of the turn that runs now. */
  track(work: Promise<unknown>): void;
  /** Waits for what began in the turn, at most so long. */
  end(turnId: string, options: { readonly withinMs: number }): Promise<TurnSummary>;
}

export function createTurnLedger(): TurnLedger {
  let current: OpenTurn | undefined;
  let running = new Set<Promise<unknown>>();
  return {
    get current() {
      return current;
    },
    begin(turnId, messageIds) {
      current = { turnId, messageIds, sends: [], declined: false };
      running = new Set();
    },
    track(work) {
      const own = running;
      const settled = work.catch(() => undefined);
      own.add(settled);
      void settled.then(() => own.delete(settled));
    },
    async end(turnId, { withinMs }) {
      const turn = current;
      if (turn === undefined || turn.turnId !== turnId) return { sends: 0, declined: false };
      current = undefined;
      await within(running, withinMs);
      return { sends: turn.sends.length, declined: turn.declined };
    },
  };
}

async function within(running: ReadonlySet<Promise<unknown>>, withinMs: number): Promise<void> {
  const timer = new AbortController();
  // It rejects only when it is called off.
  const late = sleep(withinMs, timer.signal).catch(() => undefined);
  await Promise.race([Promise.all(running), late]);
  timer.abort();
}
