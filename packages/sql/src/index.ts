export type { Database, WriteOptions } from './database.ts';
export { SqlError, type SqlErrorCode } from './errors.ts';
export { oneRowQuery } from './one-row.ts';
export { holdFile } from './hold-file.ts';
export { createIdleFiles, type IdleFiles } from './idle-files.ts';
export { createGroupFlush, type GroupFlush } from './group-flush.ts';
export { makePrivateDatabaseFile } from './make-private-file.ts';
export { migrate, type Migrations } from './migrate.ts';
export {
  NOTIFICATION_BYTES,
  type NotificationOptions,
  type Notifications,
  openNotifications,
} from './open-notifications.ts';
export { openPostgres, type PostgresOptions } from './open-postgres.ts';
export { openSqlite, type SqliteOptions } from './open-sqlite.ts';
export { openSqliteReader, type SqliteReader } from './open-sqlite-reader.ts';
export {
  type Compilable,
  createQueryPreparation,
  type PreparedQuery,
  type QueryPreparation,
  type Slots,
} from './prepare-query.ts';
export { snapshotSqlite } from './snapshot-sqlite.ts';
