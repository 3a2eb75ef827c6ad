// Where our programs are, to run them as processes of their own: in a clone and where a package manager puts them.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** What stands before the arguments. */
export function puffoServerProgram(): readonly [string, ...string[]] {
  return [process.execPath, require.resolve('@puffo/server/puffo-server')];
}

/** Its path names `puffo-agent`, by which others tell a daemon. spec: daemon-and-cli 2.2 */
export function puffoAgentProgram(): readonly [string, ...string[]] {
  return [process.execPath, require.resolve('@puffo/cli/puffo-agent')];
}
