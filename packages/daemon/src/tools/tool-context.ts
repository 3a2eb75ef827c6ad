// One call of one tool.
import type { SeenNotes } from './memory/seen-notes.ts';
import type { OpenTurn } from './turn-ledger.ts';
import type { ToolParts } from './tool-parts.ts';

export interface ToolContext {
  readonly parts: ToolParts;
  /** The same for the same call; a name for idempotency. */
  readonly callKey: string;
  /** `undefined`: the engine does something in the background. */
  readonly turn: OpenTurn | undefined;
  readonly seenNotes: SeenNotes;
  /** How long a message may take to reach the server before it is said to be on its way. */
  readonly sendWaitMs: number;
  /** Until something has left, it calls the work off. */
  readonly signal: AbortSignal;
  /** Until the agent stops. */
  readonly lasting: AbortSignal;
}
