// Acknowledgements on their way: collected for a moment, kept until they are sent. What gets lost with a closing connection
// is asked for again by the server, which delivers the message once more. spec: wire-protocol 9.24, 10.5, 10.6
import { AppError, backoffDelay } from '@puffo/base';
import { type EnvelopeId, LIMITS } from '@puffo/protocol';
import type { Connection } from '../connection/connection.ts';
import { createPause, type Sleep } from '../connection/pause.ts';
import type { ClientContext } from '../context.ts';
import type { HttpClient } from '../http/http-client.ts';

/** A reader that commits several acknowledges them together. */
const COLLECT_MS = 5;
/** 22 KiB. */
const IDS_PER_FRAME = 500;
const RETRY = { firstMs: 2000, maxMs: 60_000, minMs: 1000 } as const;
/** At the end nobody waits long: what is not said now is asked for again. */
const LAST_MS = 5000;

export interface Acks {
  readonly waiting: ReadonlySet<EnvelopeId>;
  add(envelopeIds: readonly EnvelopeId[]): void;
  /** There is a connection. */
  wake(): void;
  /** Resolves at the end of the mailbox, after a last try. */
  run(): Promise<void>;
}

export interface AcksDeps {
  readonly http: HttpClient;
  readonly connection: Connection | undefined;
  readonly context: ClientContext;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  readonly onSent: (envelopeIds: readonly EnvelopeId[]) => void;
}

export function createAcks(deps: AcksDeps): Acks {
  const { http, connection, context, sleep, signal } = deps;
  const pause = createPause({ sleep, signal });
  const waiting = new Set<EnvelopeId>();
  let failures = 0;

  function noteSent(envelopeIds: readonly EnvelopeId[]): void {
    for (const envelopeId of envelopeIds) waiting.delete(envelopeId);
    deps.onSent(envelopeIds);
  }

  /** What does not go out stays. */
  function sendFrames(): void {
    for (const chunk of chunksOf([...waiting], IDS_PER_FRAME)) {
      if (connection?.send({ type: 'ack', envelope_ids: chunk }) !== true) return;
      noteSent(chunk);
    }
  }

  async function sendRequests(timeoutMs?: number): Promise<void> {
    for (const chunk of chunksOf([...waiting], LIMITS.acksPerRequest)) {
      if (signal.aborted && timeoutMs === undefined) return;
      try {
        await http.call('acknowledgeMessages', { body: { envelope_ids: chunk }, timeoutMs });
        failures = 0;
        noteSent(chunk);
      } catch (error) {
        failures++;
        const code = error instanceof AppError ? error.code : 'unexpected';
        context.log.warn('acknowledge-failed', { code, waiting: waiting.size });
        return;
      }
    }
  }

  /** A connection that is only away for a moment is waited for. */
  function isSocketUsed(): boolean {
    return connection !== undefined && connection.state !== 'stopped';
  }

  function nextDelay(): number | undefined {
    if (waiting.size === 0 || isSocketUsed()) return undefined;
    return failures === 0 ? 0 : backoffDelay(RETRY, failures - 1, context.random);
  }

  return {
    waiting,
    add(envelopeIds) {
      for (const envelopeId of envelopeIds) waiting.add(envelopeId);
      if (failures === 0) pause.wake();
    },
    wake: pause.wake,
    async run() {
      while (!signal.aborted) {
        await pause.wait(nextDelay());
        if (waiting.size === 0 || signal.aborted) continue;
        await sleep(COLLECT_MS, signal).catch(() => undefined);
        if (isSocketUsed()) sendFrames();
        else await sendRequests();
      }
      sendFrames();
      await sendRequests(LAST_MS);
    },
  };
}

function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  const chunks: Item[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
