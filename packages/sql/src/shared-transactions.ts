// What is written at the same time shares one transaction of SQLite, because beginning and committing one costs more than
// most of what happens in between. To callers each is a transaction of its own: one that fails leaves nothing behind and
// concerns nobody else.
import { CompiledQuery, type Kysely, type Transaction } from 'kysely';

/** Callers see this as a wait, and the event loop is held up by it at most. */
const MAX_BATCH_MS = 4;

const SAVEPOINT = CompiledQuery.raw('savepoint one');
const RELEASE = CompiledQuery.raw('release one');
const ROLLBACK = CompiledQuery.raw('rollback to one');

export interface SharedTransactions<Schema> {
  /** Resolves when what `work` wrote is committed, in the order of calls; rolls back and rejects when `work` throws. */
  run<Result>(work: Work<Schema, Result>): Promise<Result>;
  /** As `run`, for one statement, which has its effect whole or not at all anyhow. */
  runOne<Result>(statement: Work<Schema, Result>): Promise<Result>;
  /** Resolves when nothing is left to run. */
  settle(): Promise<void>;
}

type Work<Schema, Result> = (transaction: Transaction<Schema>) => Promise<Result>;

interface Job<Schema> {
  /** Returns how to tell the caller, once it is committed. */
  readonly run: (transaction: Transaction<Schema>) => Promise<() => void>;
  readonly reject: (error: unknown) => void;
}

export function createSharedTransactions<Schema>(db: Kysely<Schema>): SharedTransactions<Schema> {
  const waiting: Job<Schema>[] = [];
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    while (waiting.length > 0) {
      // Everything that arrived with the same turn of the event loop goes together.
      await new Promise((resolve) => setImmediate(resolve));
      await runBatch(db, waiting);
    }
    running = undefined;
  }

  function add<Result>(work: Work<Schema, Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      async function run(transaction: Transaction<Schema>): Promise<() => void> {
        const result = await work(transaction);
        return () => resolve(result);
      }
      waiting.push({ run, reject });
      running ??= runAll();
    });
  }

  return {
    run: (work) => add((transaction) => withSavepoint(transaction, work)),
    runOne: add,
    async settle() {
      await running;
    },
  };
}

async function runBatch<Schema>(db: Kysely<Schema>, waiting: Job<Schema>[]): Promise<void> {
  const started: Job<Schema>[] = [];
  const tell: (() => void)[] = [];
  try {
    await db.transaction().execute(async (transaction) => {
      const endAt = performance.now() + MAX_BATCH_MS;
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        started.push(job);
        tell.push(await runOne(transaction, job));
        if (performance.now() >= endAt) break;
      }
    });
  } catch (error) {
    // Not one of them: the transaction itself.
    for (const job of started.length > 0 ? started : waiting.splice(0)) job.reject(error);
    return;
  }
  for (const done of tell) done();
}

async function runOne<Schema>(transaction: Transaction<Schema>, { run, reject }: Job<Schema>): Promise<() => void> {
  try {
    return await run(transaction);
  } catch (error) {
    return () => reject(error);
  }
}

async function withSavepoint<Schema, Result>(
  transaction: Transaction<Schema>,
  work: Work<Schema, Result>,
): Promise<Result> {
  await transaction.executeQuery(SAVEPOINT);
  try {
    const result = await work(transaction);
    await transaction.executeQuery(RELEASE);
    return result;
  } catch (error) {
    await transaction.executeQuery(ROLLBACK);
    await transaction.executeQuery(RELEASE);
    throw error;
  }
}
