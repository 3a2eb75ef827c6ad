// Queries of which one row is wanted: libsql answers them in one call, where a list takes several.
import { CompiledQuery } from 'kysely';

const ONE_ROW: unique symbol = Symbol('one row');

/** As `CompiledQuery.raw`. More rows than one may be there; the others are not read. */
export function oneRowQuery(sql: string, parameters: readonly unknown[]): CompiledQuery {
  const query = { ...CompiledQuery.raw(sql, [...parameters]), [ONE_ROW]: true };
  return query;
}

export function isOneRowQuery(query: CompiledQuery): boolean {
  return ONE_ROW in query;
}
