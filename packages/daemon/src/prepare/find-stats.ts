import { lstatSync, type Stats } from 'node:fs';

/**
 * Of a link, not of what it leads to. `undefined`: there is nothing. Without waiting: it costs a tenth of that, there are
 * hundreds of these looks per agent, and less time passes between a look and the act.
 */
export function findStats(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
