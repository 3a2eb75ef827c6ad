// The open handle of a SQLite file. One that nobody uses for a while can be closed, and is opened again by its next user: an idle
// handle holds about 200 KiB. Closing waits for the disk outside the event loop, where SQLite would wait inside.
import { open as openHandle } from 'node:fs/promises';
import type LibsqlDatabase from 'libsql';
import type { ClosableFile, IdleFiles } from './idle-files.ts';
import { createNativeWeight } from './native-weight.ts';
import { LibsqlConnection } from './sqlite-connection.ts';

/** More than it is, so that V8 collects after some dozens of closings. */
const CLOSABLE_WEIGHT = 2 * 1024 * 1024;

export interface SqliteFile {
  /** Counts up with every opening. */
  readonly generation: number;
  readonly isOpen: boolean;
  /** Without a user. */
  exec(statements: string): void;
  /** Open, until `release`. For one user at a time. */
  acquire(): Promise<LibsqlConnection>;
  release(): void;
  /** Nobody uses it any more. */
  close(): Promise<void>;
}

export interface SqliteFileOptions {
  readonly path: string;
  /** Throws when the file cannot be opened. */
  readonly open: () => LibsqlDatabase.Database;
  /** Whether it has a log of ours to bring in before it is closed. */
  readonly isWriter: boolean;
  /** Absent: it stays open. */
  readonly closeAfterIdleMs?: number | undefined;
  /** May close it sooner; absent: nobody does. */
  readonly idleFiles?: IdleFiles | undefined;
}

interface OpenFile {
  readonly database: LibsqlDatabase.Database;
  readonly connection: LibsqlConnection;
  /** Goes with the connection. */
  readonly weight: unknown;
}

export function createSqliteFile(options: SqliteFileOptions): SqliteFile {
  const { path, isWriter, closeAfterIdleMs, idleFiles } = options;
  let file: OpenFile | undefined = openFile();
  let generation = 1;
  let isInUse = false;
  let wasUsed = false;
  let timer: NodeJS.Timeout | undefined;
  let closing: Promise<void> | undefined;

  function openFile(): OpenFile {
    const database = options.open();
    const weight = closeAfterIdleMs === undefined ? undefined : createNativeWeight(CLOSABLE_WEIGHT);
    return { database, connection: new LibsqlConnection(database), weight };
  }

  async function closeFile(): Promise<void> {
    if (file === undefined) return;
    const { database } = file;
    if (isWriter) await bringIn(database, path);
    file = undefined;
    database.close();
  }

  function startClosing(): Promise<void> {
    idleFiles?.remove(closable);
    closing ??= closeFile().finally(() => {
      closing = undefined;
    });
    return closing;
  }

  /** One timer at a time, and none that is set anew with every query. */
  function watchIdleness(): void {
    if (closeAfterIdleMs === undefined || timer !== undefined) return;
    wasUsed = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isInUse || wasUsed) return watchIdleness();
      closeIdle();
    }, closeAfterIdleMs);
    timer.unref();
  }

  function closeIdle(): void {
    // It stays open then, and its next user hears of a disk that fails.
    startClosing().catch(watchIdleness);
  }

  const closable: ClosableFile = {
    closeIfIdle() {
      if (!isInUse && file !== undefined) closeIdle();
    },
  };

  idleFiles?.add(closable);
  watchIdleness();
  return {
    get generation() {
      return generation;
    },
    get isOpen() {
      return file !== undefined;
    },
    exec(statements) {
      file?.database.exec(statements);
    },
    async acquire() {
      idleFiles?.remove(closable);
      await closing?.catch(() => undefined);
      if (file === undefined) {
        file = openFile();
        generation++;
      }
      isInUse = true;
      wasUsed = true;
      watchIdleness();
      return file.connection;
    },
    release() {
      isInUse = false;
      idleFiles?.add(closable);
    },
    async close() {
      clearTimeout(timer);
      await startClosing();
    },
  };
}

/**
 * What is only in the log must be on the disk before its pages go into the database, which is not whole meanwhile. They go there
 * without a wait, then the database is flushed outside the event loop: what is left for closing is to delete the log. Nobody writes
 * meanwhile, so the log is not begun anew before that.
 */
async function bringIn(database: LibsqlDatabase.Database, path: string): Promise<void> {
  await flush(`${path}-wal`);
  database.exec('pragma synchronous = off; pragma wal_checkpoint(passive)');
  try {
    await flush(path);
  } finally {
    database.exec('pragma synchronous = normal');
  }
}

async function flush(path: string): Promise<void> {
  const handle = await openHandle(path, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
