// puffo-cli with its data in the home: whoever runs the quickstart is a person with keys of their own, and everything that
// puffo-cli can do for a person works for them.
import { join } from 'node:path';
import { systemRandom } from '@puffo/base';
import type { Home } from '@puffo/daemon/home';
import type { Call } from '../command.ts';
import { DATA_FOLDER_VARIABLE } from '../identity/data-folder.ts';
import { createPrompts } from '../input/prompts.ts';
import { createTerminal } from '../output/terminal.ts';
import type { AgentCall } from '../puffo-agent/agent-command.ts';
import type { World } from '../world.ts';

export function operatorFolder({ folder }: Pick<Home, 'folder'>): string {
  return join(folder, 'operator');
}

export function createOperatorCall({ context, world }: Pick<AgentCall, 'context' | 'world'>): Call {
  const { env, home, platform, stdin, stdout, stderr, stop } = world;
  const operatorWorld: World = {
    env: { ...env, [DATA_FOLDER_VARIABLE]: operatorFolder(context.home) },
    home,
    platform,
    now: context.now,
    random: systemRandom,
    stdin,
    stdout,
    stderr,
    stop,
  };
  return {
    world: operatorWorld,
    terminal: createTerminal(operatorWorld),
    prompts: createPrompts(operatorWorld),
    globals: { server: undefined, slug: undefined, isJson: false },
    argument: () => '',
    findArgument: () => undefined,
    option: () => undefined,
    options: () => [],
    hasFlag: () => false,
  };
}

/** The same with values of options, for a command that is run as it is. */
export function withOptions(call: Call, values: Readonly<Record<string, string>>): Call {
  return {
    ...call,
    globals: { ...call.globals, server: values['server'] },
    option: (flag) => values[flag],
  };
}
