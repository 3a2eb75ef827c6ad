// How kysely's queries run on libsql: statements are prepared once, and one row is read by one call.
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type LibsqlDatabase from 'libsql';
import { isOneRowQuery } from './one-row.ts';

const MAX_STATEMENTS = 500;

interface Prepared {
  readonly statement: LibsqlDatabase.Statement;
  readonly isReader: boolean;
}

interface PreparedForOne {
  readonly statement: LibsqlDatabase.Statement;
  readonly columns: readonly string[];
}

export class LibsqlConnection implements DatabaseConnection {
  readonly #database: LibsqlDatabase.Database;
  readonly #statements = new Map<string, Prepared>();
  readonly #forOne = new Map<string, PreparedForOne>();

  constructor(database: LibsqlDatabase.Database) {
    this.#database = database;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { sql, parameters } = query;
    if (isOneRowQuery(query)) return { rows: this.#readOne(sql, parameters) as Row[] };
    const { statement, isReader } = this.#prepare(sql);
    if (isReader) return { rows: statement.all(parameters) as Row[] };
    const { changes } = statement.run(parameters);
    return { numAffectedRows: BigInt(changes), rows: [] };
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncGenerator<QueryResult<Row>> {
    throw new Error('Cannot stream: read page by page');
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    const prepared = { statement, isReader: statement.reader };
    setBounded(this.#statements, { sql, prepared });
    return prepared;
  }

  #readOne(sql: string, parameters: readonly unknown[]): readonly unknown[] {
    const { statement, columns } = this.#prepareForOne(sql);
    const values = statement.get(parameters) as readonly unknown[] | undefined;
    if (values === undefined) return [];
    const row: Record<string, unknown> = {};
    for (const [index, name] of columns.entries()) row[name] = values[index];
    return [row];
  }

  /** Statements of their own: they return values without names. */
  #prepareForOne(sql: string): PreparedForOne {
    const known = this.#forOne.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql).raw();
    const prepared = { statement, columns: statement.columns().map(({ name }) => name) };
    setBounded(this.#forOne, { sql, prepared });
    return prepared;
  }
}

/** Preparing a statement costs as much as running it. */
function setBounded<Value>(
  statements: Map<string, Value>,
  { sql, prepared }: { readonly sql: string; readonly prepared: Value },
): void {
  if (statements.size >= MAX_STATEMENTS) statements.clear();
  statements.set(sql, prepared);
}
