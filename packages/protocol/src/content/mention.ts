// Mentions: the literal text `@<slug>` in a message. spec: wire-protocol 6.10
import { isSlug, type Slug } from '../ids.ts';

const SLUG_RUN = /[a-z0-9-]*/y;
const ADDRESS_CHARACTER = /[A-Za-z0-9]/;

/**
 * Everybody mentioned in `text`, each once, in order of appearance. The characters after `@` count up to the first that
 * no slug has, so `@helper-9a7cx` does not mention `helper-9a7c`. An ASCII letter or digit before the `@` makes it an
 * e-mail or host address; other characters do not, since many languages write without spaces.
 */
export function findMentions(text: string): Slug[] {
  return Array.from(new Set(eachMention(text)));
}

/** Whether `text` mentions `slug`. */
export function mentions(text: string, slug: Slug): boolean {
  for (const mentioned of eachMention(text)) {
    if (mentioned === slug) return true;
  }
  return false;
}

/** Looks at every character a bounded number of times, whatever the text is. */
function* eachMention(text: string): Generator<Slug> {
  let at = text.indexOf('@');
  while (at !== -1) {
    const end = endOfRun(text, at + 1);
    const run = text.slice(at + 1, end);
    if (isSlug(run) && !ADDRESS_CHARACTER.test(text.charAt(at - 1))) yield run;
    at = text.indexOf('@', end);
  }
}

function endOfRun(text: string, start: number): number {
  SLUG_RUN.lastIndex = start;
  SLUG_RUN.test(text);
  return SLUG_RUN.lastIndex;
}
