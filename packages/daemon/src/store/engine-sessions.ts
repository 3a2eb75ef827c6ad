// Where engines go on after a restart. Written in the transaction that ends the turn: what was said and what the engine
// remembers of it are one. It holds what was said in plain text. spec: runtimes 2.5
import { type JsonValue, safeParseJson } from '@puffo/base';
import type { Kysely, Transaction } from 'kysely';
import type { AgentSchema } from './agent-schema.ts';

const LIMITS = { maxLength: 64 * 1024 * 1024, maxDepth: 64, integers: 'any' } as const;

export interface EngineSessionState {
  /** `Engine.name` */
  readonly engine: string;
  readonly session: JsonValue;
}

export async function saveSession(
  transaction: Transaction<AgentSchema>,
  { engine, session: value }: EngineSessionState,
  now: number,
): Promise<void> {
  const session = JSON.stringify(value);
  await transaction
    .insertInto('engine_sessions')
    .values({ engine, session, updated_at: now })
    .onConflict((conflict) => conflict.column('engine').doUpdateSet({ session, updated_at: now }))
    .execute();
}

/** `undefined`: there is none, or none that can be read. */
export async function loadSession(db: Kysely<AgentSchema>, engine: string): Promise<JsonValue | undefined> {
  const row = await db.selectFrom('engine_sessions').select('session').where('engine', '=', engine).executeTakeFirst();
  if (row === undefined) return undefined;
  const result = safeParseJson(row.session, LIMITS);
  return result.kind === 'value' ? result.value : undefined;
}

export async function forgetSession(transaction: Transaction<AgentSchema>, engine: string): Promise<void> {
  await transaction.deleteFrom('engine_sessions').where('engine', '=', engine).execute();
}
