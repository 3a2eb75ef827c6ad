// Files that are open while nobody uses them, of a whole process: a program with hundreds of databases holds the last used ones
// open, and what it needs for that does not grow with their number.

/** An open file that can be closed, and is opened again by its next user. */
export interface ClosableFile {
  /** Does nothing while it is used. */
  closeIfIdle(): void;
}

export interface IdleFiles {
  /** Nobody uses it just now. Closes the one that nobody has used for longest when there are too many. */
  add(file: ClosableFile): void;
  /** It is used again, or closed. */
  remove(file: ClosableFile): void;
}

export function createIdleFiles({ max }: { readonly max: number }): IdleFiles {
  /** The one that was used last comes last. */
  const files = new Set<ClosableFile>();
  return {
    add(file) {
      files.add(file);
      if (files.size <= max) return;
      const [oldest] = files;
      if (oldest === undefined) return;
      files.delete(oldest);
      oldest.closeIfIdle();
    },
    remove(file) {
      files.delete(file);
    },
  };
}
