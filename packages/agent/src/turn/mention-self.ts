// How a model sees that it is meant: `@you(<slug>)` in the place of its own mention. spec: runtimes 2.3
import type { Slug } from '@puffo/protocol';

/** Changes exactly what `mentions` of the protocol finds. */
export function mentionSelf(text: string, slug: Slug): string {
  // A slug has only letters, digits and dashes, which mean themselves in a pattern.
  return text.replace(new RegExp(`(?<![A-Za-z0-9])@${slug}(?![a-z0-9-])`, 'g'), `@you(${slug})`);
}
