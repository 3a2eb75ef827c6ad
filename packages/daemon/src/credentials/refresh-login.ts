// One refresh of a login by the vendor's own program, in the user's own home: a home of an agent would get a login of its own, and
// the two would end each other. One at a time on this machine, whichever daemon it is. spec: runtimes 5.5, D-14, R-16
import { dirname, join } from 'node:path';
import type { Logger } from '@puffo/base';
import { HostError } from '@puffo/host/files';
import { findProgram, runProgram, withFileLock } from '@puffo/host';
import { type Environment, helperEnvironment } from './helper-environment.ts';
import { type HostLogin, hostFileOf, readHostLogin } from './host-login.ts';
import type { Login } from './login.ts';

const HELPER_MS = 120_000;
const LOCK_WAIT_MS = HELPER_MS + 30_000;
const LOCK_NAME = '.puffo-agent-refresh.lock';
const MAX_OUTPUT_BYTES = 256 * 1024;
const RATE_LIMITED = /rate.?limit|too many requests|usage limit|\b429\b/i;

export type RefreshOutcome = 'refreshed' | 'unchanged' | 'failed' | 'rate_limited';

export interface HelperResult {
  /** `undefined`: it did not end by itself. */
  readonly exitCode: number | undefined;
  /** Not for people, and not for the log. */
  readonly output: string;
}

export type RunLoginHelper = (login: Login, signal: AbortSignal) => Promise<HelperResult>;

export interface RefreshOptions {
  readonly homeFolder: string;
  readonly runHelper: RunLoginHelper;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** `before`: what is to be replaced; when it is another one by now, somebody else was faster. */
export async function refreshLogin(
  login: Login,
  before: string,
  { homeFolder, runHelper, signal, logger }: RefreshOptions,
): Promise<RefreshOutcome> {
  async function refresh(): Promise<RefreshOutcome> {
    const host = await readHostLogin(login, homeFolder);
    if (isOther(host, before)) return 'refreshed';
    const { exitCode, output } = await runHelper(login, signal);
    if (isOther(await readHostLogin(login, homeFolder), before)) return 'refreshed';
    if (RATE_LIMITED.test(output)) return 'rate_limited';
    return exitCode === 0 ? 'unchanged' : 'failed';
  }

  const lock = join(dirname(hostFileOf(login, homeFolder)), LOCK_NAME);
  try {
    return await withFileLock(lock, refresh, { signal, waitMs: LOCK_WAIT_MS });
  } catch (error) {
    if (signal.aborted) return 'failed';
    if (!(error instanceof HostError)) throw error;
    logger.warn('credentials-not-refreshed', { login: login.name, code: error.code });
    return 'failed';
  }
}

function isOther(host: HostLogin, before: string): boolean {
  return host.kind === 'there' && host.fingerprint !== before;
}

export interface HelperPlace {
  readonly environment: Environment;
  readonly homeFolder: string;
}

export function createLoginHelper({ environment, homeFolder }: HelperPlace): RunLoginHelper {
  return async ({ helper }, signal) => {
    const program = await findProgram(helper.program, { environment });
    if (program === undefined) return { exitCode: undefined, output: '' };
    const { exitCode, stdout, stderr } = await runProgram(program, helper.args, {
      environment: helperEnvironment(environment, homeFolder),
      folder: homeFolder,
      output: { kind: 'collect', maxBytes: MAX_OUTPUT_BYTES },
      timeoutMs: HELPER_MS,
      signal,
    });
    return { exitCode, output: `${stdout}\n${stderr}` };
  };
}
