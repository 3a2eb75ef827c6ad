// The tools of one agent, as engines are given them, and what its worker has to know of them. spec: mcp-tools 3, 8.3
import type { ToolHost } from '@puffo/engine';
import type { EnvelopeId } from '@puffo/protocol';
import type { TurnSummary } from './turn-ledger.ts';

/** Closed before the stores are: what runs is called off, and what has left is recorded. */
export interface AgentToolHost extends ToolHost, AsyncDisposable {
  /** From now on, calls belong to this turn. `messageIds`: those that it answers; a repetition of the turn has some of them. */
  beginTurn(turnId: string, messageIds: readonly EnvelopeId[]): void;
  /** Waits for calls that began in the turn, at most a minute. Then further calls are in the background. */
  endTurn(turnId: string): Promise<TurnSummary>;
  /** For the prompt of a turn that is taken again: what its earlier attempts said, one line each. spec: mcp-tools 8.4 */
  listEarlierSends(turnId: string, messageIds: readonly EnvelopeId[]): Promise<readonly string[]>;
  /** Changes when the set of tools or their arguments do. */
  readonly fingerprint: string;
}
