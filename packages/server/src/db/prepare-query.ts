// Queries that every request runs, built once for each database.
import { createQueryPreparation } from '@puffo/sql';
import type { ServerSchema } from './schema.ts';

export const { prepareQuery, prepareOneRowQuery } = createQueryPreparation<ServerSchema>();
