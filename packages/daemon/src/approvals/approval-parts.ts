// What asking the operator for consent needs.
import type { Clock, Logger, Random } from '@puffo/base';
import type { Client } from '@puffo/client';
import type { ApprovalStore } from '../store/approvals.ts';
import type { Sleep } from '../worker/wakeable-pause.ts';

/** So long an answer counts; afterwards the question is closed, which refuses. */
export const OPEN_MS = 7 * 24 * 60 * 60 * 1000;

export interface ApprovalParts {
  readonly client: Pick<Client, 'outbox'>;
  readonly store: ApprovalStore;
  readonly agentId: string;
  /** What people call the agent. */
  readonly displayName: () => string;
  /** Empty: nobody can be asked. */
  readonly operatorSlug: () => string;
  /** Of a turn, for one decision. */
  readonly waitMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Something waits for a turn. */
  readonly wake: () => void;
  readonly logger: Logger;
  readonly sleep?: Sleep | undefined;
}
