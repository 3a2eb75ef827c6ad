// Queries that run all the time: built once, because building and compiling one costs more than a local database needs to
// answer it.
import { CompiledQuery, type Kysely, type QueryResult } from 'kysely';
import { oneRowQuery } from './one-row.ts';

/** Stands for the value of an argument while the query is built. */
export type Slots<Args> = <Name extends keyof Args & string>(name: Name) => Args[Name];

export interface Compilable<Row> {
  compile(): CompiledQuery<Row>;
}

export type PreparedQuery<Schema, Args, Row> = (db: Kysely<Schema>, args: Args) => Promise<QueryResult<Row>>;

export interface QueryPreparation<Schema> {
  /** `build` must not depend on anything but the database: it runs once for each. */
  readonly prepareQuery: <Args extends object, Row>(
    build: (db: Kysely<Schema>, slots: Slots<Args>) => Compilable<Row>,
  ) => PreparedQuery<Schema, Args, Row>;
  /** As `prepareQuery`, for a query that has one row or none: it is read at once. */
  readonly prepareOneRowQuery: QueryPreparation<Schema>['prepareQuery'];
}

interface Plan {
  readonly sql: string;
  /** A slot, or a value that is part of the query. */
  readonly parameters: readonly unknown[];
}

class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** For the tables of one program. */
export function createQueryPreparation<Schema>(): QueryPreparation<Schema> {
  return {
    prepareQuery: (build) => prepare(build, (sql, parameters) => CompiledQuery.raw(sql, [...parameters])),
    prepareOneRowQuery: (build) => prepare(build, oneRowQuery),
  };
}

function prepare<Schema, Args extends object, Row>(
  build: (db: Kysely<Schema>, slots: Slots<Args>) => Compilable<Row>,
  toQuery: (sql: string, parameters: readonly unknown[]) => CompiledQuery,
): PreparedQuery<Schema, Args, Row> {
  // Transactions share the adapter of their database.
  const plans = new WeakMap<object, Plan>();
  return (db, args) => {
    const { adapter } = db.getExecutor();
    let plan = plans.get(adapter);
    if (plan === undefined) {
      plan = build(db, makeSlot).compile();
      plans.set(adapter, plan);
    }
    return db.executeQuery(toQuery(plan.sql, fill(plan.parameters, args)) as CompiledQuery<Row>);
  };
}

function makeSlot(name: string): never {
  // Typed as what will stand in its place; nothing reads it before.
  return new Slot(name) as never;
}

function fill(parameters: readonly unknown[], args: object): unknown[] {
  return parameters.map((value) => (value instanceof Slot ? args[value.name as keyof typeof args] : value));
}
