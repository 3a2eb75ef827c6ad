// From what keeps an agent from working to what its operator is told. spec: daemon-and-cli D-8
import { ClientError } from '@puffo/client';
import { EngineError } from '@puffo/engine';
import { ProtocolError } from '@puffo/protocol';
import { SqlError } from '@puffo/sql';
import { DaemonError } from '../daemon-error.ts';
import type { WorkerFailure } from './worker.ts';

/** Codes of failures that only a change of `agent.yml` can end. */
const LASTING: ReadonlySet<string> = new Set(['invalid-argument']);

export function workerFailureOf(error: unknown): WorkerFailure {
  if (error instanceof DaemonError) return { message: error.message, mayPass: !LASTING.has(error.code) };
  const isKnown =
    error instanceof EngineError ||
    error instanceof ClientError ||
    error instanceof SqlError ||
    error instanceof ProtocolError;
  if (isKnown) return { message: error.message, mayPass: true };
  // A defect. Its message may quote anything; the log has the rest.
  const kind = error instanceof Error ? error.name : typeof error;
  return { message: `Cannot run this agent: an unexpected failure (${kind}); see its log`, mayPass: true };
}
