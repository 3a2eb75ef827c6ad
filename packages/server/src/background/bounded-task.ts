import type { ServerContext } from '../context.ts';

/**
 * One thing that is done now and then: removes a slice of what is over, and returns how much that was. Harmless when
 * it runs twice, also on two nodes at once.
 */
export type BackgroundTask = (context: ServerContext) => Promise<number>;

/** Rows that one statement removes: few enough that requests hardly wait for it. */
export const SLICE_ROWS = 500;
