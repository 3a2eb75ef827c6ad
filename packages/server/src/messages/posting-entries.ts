// The entries of all recipients of a posting as one text, from which one can be cut without reading the others.
// spec: wire-protocol 6.6

export interface JoinedEntries {
  readonly entries: string;
  readonly entryLength: number;
}

export interface CutEntry {
  /** One entry, or all of them. */
  readonly text: string;
  /** 0: it is all of them. */
  readonly entryLength: number;
  readonly place: number;
}

/** JSON text holds no line break of its own. Entries without unknown members all have one length. */
export function joinEntries(texts: readonly string[]): JoinedEntries {
  const entries = texts.join('\n');
  const length = texts[0]?.length ?? 0;
  const isEven = texts.every((text) => text.length === length) && Buffer.byteLength(entries) === entries.length;
  return { entries, entryLength: isEven ? length : 0 };
}

/** What the database could not cut: see `pending-store.ts`. */
export function cutEntry({ text, entryLength, place }: CutEntry): string {
  return entryLength > 0 ? text : (text.split('\n', place + 1)[place] ?? '');
}
