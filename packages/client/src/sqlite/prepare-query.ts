// Queries that every message runs, built once for each database.
import { createQueryPreparation } from '@puffo/sql';
import type { ClientSchema } from './schema.ts';

export const { prepareQuery, prepareOneRowQuery } = createQueryPreparation<ClientSchema>();
