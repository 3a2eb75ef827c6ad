// What an agent chose for itself with its tools; it survives restarts. spec: mcp-tools 7.2
import type { Clock } from '@puffo/base';
import type { Database } from '@puffo/sql';
import type { Kysely, Transaction } from 'kysely';
import type { AgentSchema } from './agent-schema.ts';

const SELF_SETTINGS = ['model', 'effort'] as const;
export type SelfSetting = (typeof SELF_SETTINGS)[number];

/** Absent: what is configured. */
export type SelfSettings = Readonly<Partial<Record<SelfSetting, string>>>;

export interface SelfSettingsStore {
  /** What the agent chose for itself. */
  loadSelfSettings(): Promise<SelfSettings>;
  /** An empty value: what is configured. */
  saveSelfSetting(name: SelfSetting, value: string): Promise<void>;
}

export function createSelfSettingsStore(database: Database<AgentSchema>, clock: Clock): SelfSettingsStore {
  return {
    loadSelfSettings: () => loadSelfSettings(database.db),
    saveSelfSetting: (name, value) =>
      database.write((transaction) => saveSelfSetting(transaction, { name, value }, clock())),
  };
}

async function loadSelfSettings(db: Kysely<AgentSchema>): Promise<SelfSettings> {
  const rows = await db.selectFrom('self_settings').select(['name', 'value']).execute();
  const found = new Map(rows.map(({ name, value }) => [name, value]));
  const settings: Partial<Record<SelfSetting, string>> = {};
  for (const name of SELF_SETTINGS) {
    const value = found.get(name);
    if (value !== undefined) settings[name] = value;
  }
  return settings;
}

async function saveSelfSetting(
  transaction: Transaction<AgentSchema>,
  { name, value }: { readonly name: SelfSetting; readonly value: string },
  now: number,
): Promise<void> {
  if (value === '') {
    await transaction.deleteFrom('self_settings').where('name', '=', name).execute();
    return;
  }
  await transaction
    .insertInto('self_settings')
    .values({ name, value, changed_at: now })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value, changed_at: now }))
    .execute();
}
