import type { Database } from '@puffo/sql';
import { createInviteCode, type InviteCode, listInviteCodes, revokeInviteCode } from '../accounts/invite-codes.ts';
import { AdministratorError } from '../config/administrator-error.ts';
import { parseCount } from '../config/parse-values.ts';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import type { Command, CommandCall, ExitCode } from './command.ts';
import { columns } from './help.ts';
import { openExisting } from './open-existing.ts';

const DAY_MS = 86_400_000;

export const INVITE_COMMANDS: readonly Command[] = [
  {
    name: 'invite create',
    summary: 'make a code that lets people sign up, and print it',
    scope: 'data',
    options: [
      { flag: 'uses', value: 'NUMBER', help: 'how many people it lets in, or any; 1 when not given' },
      { flag: 'expires-days', value: 'DAYS', help: 'when it ends; never when not given' },
      { flag: 'code', value: 'WORD', help: 'a word of your choice; drawn when not given' },
    ],
    run: (call) => withDatabase(call, (database) => create(database, call)),
  },
  {
    name: 'invite list',
    summary: 'list the codes, the newest first',
    scope: 'data',
    run: (call) => withDatabase(call, (database) => list(database, call)),
  },
  {
    name: 'invite revoke',
    summary: 'end a code',
    argument: 'CODE',
    scope: 'data',
    run: (call) => withDatabase(call, (database) => revoke(database, call)),
  },
];

export async function withDatabase(
  { readSettings }: CommandCall,
  work: (database: Database<ServerSchema>) => Promise<ExitCode>,
): Promise<ExitCode> {
  await using database = await openExisting(readSettings());
  return await work(database);
}

async function create(database: Database<ServerSchema>, { world, options }: CommandCall): Promise<ExitCode> {
  const { now, random } = world;
  const uses = options['uses'] === 'any' ? null : readCount(options, { name: 'uses', fallback: 1 });
  const days = options['expires-days'] === undefined ? null : readCount(options, { name: 'expires-days', fallback: 1 });
  const expiresAt = days === null ? null : now() + days * DAY_MS;
  const { code } = options;
  try {
    const wanted = { uses, expiresAt, ...(code === undefined ? {} : { code }) };
    world.print(await createInviteCode({ database, now, random }, wanted));
    return 0;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    throw new AdministratorError('usage', `${error.message}, choose another --code`, { cause: error });
  }
}

function readCount(
  options: CommandCall['options'],
  { name, fallback }: { readonly name: string; readonly fallback: number },
): number {
  const text = options[name];
  const count = text === undefined ? fallback : parseCount(text);
  if (count !== undefined) return count;
  throw new AdministratorError('usage', `Cannot use --${name}: expected a whole number above 0`);
}

async function list({ db }: Database<ServerSchema>, { world }: CommandCall): Promise<ExitCode> {
  const codes = await listInviteCodes(db);
  const rows = codes.map((code) => [
    code.code,
    describeState(code, world.now()),
    code.uses_left === null ? 'any number' : `${code.uses_left} left`,
    code.expires_at === null ? 'no end' : `until ${new Date(code.expires_at).toISOString()}`,
  ]);
  for (const line of rows.length === 0
    ? ['There are no codes: make one with puffo-server invite create']
    : columns(rows)) {
    world.print(line);
  }
  return 0;
}

function describeState({ revoked_at, uses_left, expires_at }: InviteCode, at: number): string {
  if (revoked_at !== null) return 'revoked';
  if (uses_left === 0) return 'used up';
  return expires_at !== null && expires_at <= at ? 'expired' : 'usable';
}

async function revoke(database: Database<ServerSchema>, { world, argument }: CommandCall): Promise<ExitCode> {
  const isRevoked = await revokeInviteCode({ database, now: world.now }, argument);
  if (!isRevoked) {
    throw new AdministratorError('usage', 'There is no such code that could be ended: see puffo-server invite list');
  }
  world.print('Revoked. Nobody can sign up with it any more.');
  return 0;
}
