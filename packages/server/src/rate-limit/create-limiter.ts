// Fixed windows: in memory where one process has the database to itself, else shared through the table.
import type { Database } from '@puffo/sql';
import type { ServerSchema } from '../db/schema.ts';
import type { Limiter } from './limiter.ts';
import { createMemoryLimiter } from './memory-limiter.ts';
import { createSharedLimiter } from './shared-limiter.ts';

export function createLimiter(database: Database<ServerSchema>, now: () => number): Limiter {
  return database.dialect === 'sqlite' ? createMemoryLimiter(now) : createSharedLimiter(database, now);
}
