// The calls that tell a server how an agent is. None of them fails: what the server did not take is logged, each kind of
// failure once. spec: wire-protocol 9.27, 9.29, 11.4
import type { Logger } from '@puffo/base';
import { ClientError, type HttpClient } from '@puffo/client';
import type { BodyInputOf, EndpointNamed, EnvelopeId, RunId } from '@puffo/protocol';

export type Beat = BodyInputOf<EndpointNamed<'sendHeartbeat'>>;

export interface Run {
  readonly messageId: EnvelopeId;
  readonly runId: RunId;
}

export interface RunResult {
  readonly succeeded: boolean;
  readonly error_text?: string;
}

/** Each says whether the server has it. */
export interface ReportCalls {
  beat(body: Beat, signal: AbortSignal): Promise<boolean>;
  startRun(run: Run, signal: AbortSignal): Promise<boolean>;
  /** At most as many as one batch. */
  endRuns(runs: readonly Run[], result: RunResult, signal: AbortSignal): Promise<boolean>;
}

export interface ReportCallsOptions {
  readonly http: Pick<HttpClient, 'call'>;
  readonly logger: Logger;
}

const BEAT = { timeoutMs: 15_000, attempts: 1 } as const;
const START = { timeoutMs: 15_000, attempts: 2 } as const;
/** A lost end leaves a run open. */
const END = { timeoutMs: 30_000 } as const;

export function createReportCalls({ http, logger }: ReportCallsOptions): ReportCalls {
  const warned = new Set<string>();

  function noteFailure(report: string, error: unknown): void {
    const code = error instanceof ClientError ? (error.apiCode ?? error.code) : 'unexpected';
    // Beats are refused soon after any other report: nothing is wrong.
    const isUsual = codeOf(error) === 'aborted' || (report === 'heartbeat' && codeOf(error) === 'rate-limited');
    const key = `${report} ${code}`;
    const fields = { report, code };
    if (isUsual || warned.has(key)) return logger.debug('status-report-failed', fields);
    warned.add(key);
    logger.warn('status-report-failed', fields);
  }

  async function attempt(report: string, call: () => Promise<unknown>): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      noteFailure(report, error);
      return false;
    }
  }

  async function endEach(runs: readonly Run[], result: RunResult, signal: AbortSignal): Promise<boolean> {
    let isTaken = false;
    for (const { messageId, runId } of runs) {
      const call = { params: { envelope_id: messageId }, body: { run_id: runId, ...result }, signal, ...END };
      if (await attempt('run-end', () => http.call('endRun', call))) isTaken = true;
    }
    return isTaken;
  }

  return {
    beat: (body, signal) => attempt('heartbeat', () => http.call('sendHeartbeat', { body, signal, ...BEAT })),
    startRun({ messageId, runId }, signal) {
      const call = { params: { envelope_id: messageId }, body: { run_id: runId }, signal, ...START };
      return attempt('run-start', () => http.call('startRun', call));
    },
    async endRuns(runs, result, signal) {
      if (runs.length === 1) return endEach(runs, result, signal);
      const body = { runs: runs.map(({ messageId, runId }) => ({ message_id: messageId, run_id: runId, ...result })) };
      try {
        await http.call('endRuns', { body, signal, ...END });
        return true;
      } catch (error) {
        // An older server has no batches, and any server takes all or none: one by one they may pass.
        if (codeOf(error) === 'refused') return endEach(runs, result, signal);
        noteFailure('run-end', error);
        return false;
      }
    },
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof ClientError ? error.code : undefined;
}
