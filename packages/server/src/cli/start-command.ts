import type { Settings } from '../config/settings.ts';
import { createInviteCode, isInviteCodeUsable, listInviteCodes } from '../accounts/invite-codes.ts';
import type { ServerContext } from '../context.ts';
import { createLogger } from '@puffo/base';
import { startServer } from '../start-server.ts';
import { VERSION } from '../version.ts';
import type { Command, CommandCall, ExitCode } from './command.ts';
import type { World } from './world.ts';

/** Below the ten seconds after which container runtimes kill. */
const STOP_DEADLINE_MS = 8000;

export const startCommand: Command = {
  name: 'start',
  summary: 'run the server until it is asked to stop',
  scope: 'server',
  options: [
    {
      flag: 'stop-with-input',
      help: 'stop when standard input ends, for a program that must not leave its server behind',
    },
  ],
  run: start,
};

async function start({ world, readSettings, options }: CommandCall): Promise<ExitCode> {
  const settings = readSettings();
  const { now, random, isTerminal, printProblem } = world;
  const log = createLogger({ level: settings.logLevel, now, write: printProblem, isTerminal });
  // Listened for from the beginning: a signal that comes while the server starts must not cut it off.
  const stopRequested = listenForStop(world, options);
  const server = await startServer(settings, { now, random, log });
  try {
    const welcomeLines = await welcome(server.context);
    world.print(`puffo-server ${VERSION} listens on ${server.url}${publicAddress(settings)}`);
    for (const line of welcomeLines) world.print(line);
    log.info('started', { version: VERSION, database: server.context.database.dialect, signup: settings.signup });
    await stopRequested;
  } catch (error) {
    await endsInTime(server[Symbol.asyncDispose]());
    throw error;
  }
  log.info('stopping');
  const isStopped = await endsInTime(server[Symbol.asyncDispose]());
  log.info('stopped', { finished: isStopped });
  return 0;
}

function listenForStop(world: World, { 'stop-with-input': stopWithInput }: CommandCall['options']): Promise<void> {
  const asked = world.waitForStop();
  return stopWithInput === 'yes' ? Promise.race([asked, world.waitForInputEnd()]) : asked;
}

function publicAddress({ publicUrl }: Settings): string {
  return publicUrl === undefined ? '' : `, for clients ${publicUrl}`;
}

/** Whoever starts a server for the first time needs a way in. The code is for their eyes and never logged. */
async function welcome(context: ServerContext): Promise<readonly string[]> {
  const someone = await context.database.db.selectFrom('identities').select('slug').limit(1).executeTakeFirst();
  if (someone !== undefined) return [];
  const { signup } = context.settings;
  if (signup === 'open') return ['Nobody has signed up yet. Anybody may, without a code.'];
  if (signup === 'closed') return ['Nobody has signed up yet, and nobody can: --signup is closed.'];
  return [`Nobody has signed up yet. The first invite code: ${await findFirstCode(context)}`];
}

/** The same one on every start until it is used. */
async function findFirstCode(context: ServerContext): Promise<string> {
  const { db } = context.database;
  for (const { code } of await listInviteCodes(db)) {
    if (await isInviteCodeUsable(db, { code, at: context.now() })) return code;
  }
  return createInviteCode(context, { uses: 1, expiresAt: null });
}

async function endsInTime(stopping: PromiseLike<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), STOP_DEADLINE_MS);
  });
  try {
    return await Promise.race([Promise.resolve(stopping).then(() => true), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
