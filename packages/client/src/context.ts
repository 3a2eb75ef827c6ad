import type { Clock, Logger, Random } from '@puffo/base';

/** What every part of a client is given. */
export interface ClientContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Ids, counts and codes only. */
  readonly log: Logger;
}
