import type { ReadableList } from '@puffo/protocol';
import type { ClientContext } from '../context.ts';

/** The entries that could be read. Of the others the log tells that they are there: absence is not failure. */
export function warnUnreadable<Item>(
  { items, unreadable }: ReadableList<Item>,
  { what, context }: { readonly what: string; readonly context: Pick<ClientContext, 'log'> },
): readonly Item[] {
  if (unreadable > 0) context.log.warn('entries-not-readable', { what, count: unreadable });
  return items;
}
