import type { Database } from '@puffo/sql';
import type { Kysely } from 'kysely';
import { AdministratorError } from '../config/administrator-error.ts';
import type { ServerSchema } from '../db/schema.ts';
import type { Command, CommandCall, ExitCode } from './command.ts';
import { columns } from './help.ts';
import { withDatabase } from './invite-commands.ts';

const PAGE = 500;

export const IDENTITY_COMMANDS: readonly Command[] = [
  {
    name: 'identity list',
    summary: 'list people and agents',
    scope: 'data',
    run: (call) => withDatabase(call, (database) => list(database, call)),
  },
  {
    name: 'identity disable',
    summary: 'let an identity do nothing until it is enabled again',
    argument: 'SLUG',
    scope: 'data',
    run: (call) => withDatabase(call, (database) => change(database, { call, from: 'active', to: 'disabled' })),
  },
  {
    name: 'identity enable',
    summary: 'take a disabling back',
    argument: 'SLUG',
    scope: 'data',
    run: (call) => withDatabase(call, (database) => change(database, { call, from: 'disabled', to: 'active' })),
  },
];

async function list({ db }: Database<ServerSchema>, { world }: CommandCall): Promise<ExitCode> {
  let after = '';
  for (;;) {
    const page = await db
      .selectFrom('identities as one')
      .leftJoin('identities as operator', 'operator.root_public_key', 'one.operator_root_public_key')
      .where('one.slug', '>', after)
      .orderBy('one.slug')
      .limit(PAGE)
      .select(['one.slug', 'one.identity_type', 'one.state', 'one.registered_at', 'operator.slug as operator_slug'])
      .execute();
    const rows = page.map((each) => [
      each.slug,
      each.operator_slug === null ? each.identity_type : `agent of ${each.operator_slug}`,
      each.state,
      `since ${new Date(each.registered_at).toISOString()}`,
    ]);
    for (const line of columns(rows)) world.print(line);
    after = page.at(-1)?.slug ?? '';
    if (page.length < PAGE) return 0;
  }
}

interface Change {
  readonly call: CommandCall;
  readonly from: 'active' | 'disabled';
  readonly to: 'active' | 'disabled';
}

/** The server asks the table at every request, so it holds from the next one on. */
async function change(database: Database<ServerSchema>, { call, from, to }: Change): Promise<ExitCode> {
  const slug = call.argument.toLowerCase();
  const outcome = await database.write(async (transaction) => {
    const row = await transaction
      .selectFrom('identities')
      .where('slug', '=', slug)
      .select(['state', 'root_public_key'])
      .executeTakeFirst();
    if (row?.state === from) {
      await transaction.updateTable('identities').set({ state: to }).where('slug', '=', slug).execute();
    }
    return row;
  });
  if (outcome === undefined)
    throw new AdministratorError('usage', `There is no identity '${slug}': see puffo-server identity list`);
  if (outcome.state === 'revoked') {
    throw new AdministratorError('state', `Cannot change '${slug}': its operator has revoked it for ever`);
  }
  call.world.print(describe(slug, to));
  if (to === 'disabled') await mentionAgents(database.db, { call, rootPublicKey: outcome.root_public_key });
  return 0;
}

function describe(slug: string, to: Change['to']): string {
  return to === 'disabled'
    ? `'${slug}' is disabled: its requests are refused from now on, and open sockets end within a minute.`
    : `'${slug}' is enabled.`;
}

async function mentionAgents(
  db: Kysely<ServerSchema>,
  { call, rootPublicKey }: { readonly call: CommandCall; readonly rootPublicKey: string },
): Promise<void> {
  const agents = await db
    .selectFrom('identities')
    .where('operator_root_public_key', '=', rootPublicKey)
    .where('state', '=', 'active')
    .orderBy('slug')
    .select('slug')
    .execute();
  if (agents.length === 0) return;
  call.world.print(`Its agents go on, disable them by name: ${agents.map(({ slug }) => slug).join(', ')}`);
}
