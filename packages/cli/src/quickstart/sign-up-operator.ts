// The person of this home becomes an identity at its server, once.
import { serverCommand } from '@puffo/daemon/operations';
import { runProgram } from '@puffo/host';
import { isUsername } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import { signupCommand } from '../commands/signup-command.ts';
import { cleanName } from '../output/clean-text.ts';
import { withOptions } from './operator-call.ts';
import type { QuickstartRun } from './quickstart-run.ts';

const COLLECT = { kind: 'collect', maxBytes: 64 * 1024 } as const;
const TIMEOUT_MS = 60_000;
/** As `puffo-server invite list` and `invite create` print it. */
const USABLE_CODE = /^\s*(\S+)\s+usable\b/m;
const NEW_CODE = /^\S+$/m;
const MAX_PROBLEM_CHARACTERS = 300;

export async function signUpOperator(run: QuickstartRun, serverUrl: string): Promise<void> {
  const { call, folder, context, tell } = run;
  if ((await folder.keys.listIdentities()).length > 0) return;
  const username = usernameOf(context.environment);
  const options = { server: serverUrl, username, 'invite-code': await findInviteCode(run), 'display-name': username };
  await signupCommand.run(withOptions(call, options));
  const [slug] = await folder.keys.listIdentities();
  tell(`signed up you, @${slug ?? username}: your keys were made here and stay here`);
}

/** A name that people know themselves by, where the system has one that a slug can be made of. */
function usernameOf(environment: Readonly<Record<string, string | undefined>>): string {
  const named = (environment['USER'] ?? environment['USERNAME'] ?? '').toLowerCase();
  return isUsername(named) ? named : 'operator';
}

/** A new server has one code, for the first person. Nobody else on this machine knows it. */
async function findInviteCode(run: QuickstartRun): Promise<string> {
  const listed = await administer(run, ['invite', 'list']);
  const [, usable] = USABLE_CODE.exec(listed) ?? [];
  if (usable !== undefined) return usable;
  const [made] = NEW_CODE.exec(await administer(run, ['invite', 'create'])) ?? [];
  if (made !== undefined) return made;
  throw new CliError('failed', 'Cannot sign up: the server gives no invite code, see puffo-agent doctor');
}

async function administer({ context, server }: QuickstartRun, words: readonly string[]): Promise<string> {
  const { program, args, environment } = serverCommand(context.home, words, server);
  const { exitCode, stdout, stderr } = await runProgram(program, args, {
    environment,
    output: COLLECT,
    timeoutMs: TIMEOUT_MS,
    signal: context.signal,
  });
  if (exitCode === 0) return stdout;
  throw new CliError('failed', `Cannot administer the server: ${cleanName(stderr, MAX_PROBLEM_CHARACTERS)}`);
}
