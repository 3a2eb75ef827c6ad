// From the world of a process to what operations need.
import { systemClock } from '@puffo/base/light';
import {
  createHome,
  findHomeOf,
  findIgnoredHome,
  type OperationContext,
  repairModes,
  resolveHome,
} from '@puffo/daemon/home';
import { readProcessArguments } from '@puffo/host/process-arguments';
import { cleanName } from '../output/clean-text.ts';
import type { AgentWorld } from './agent-world.ts';

const MAX_WARNING_CHARACTERS = 1000;

export interface OpenedContext {
  readonly context: OperationContext;
  /** Whatever the command ran may have left files that others can read. */
  readonly finish: () => void;
}

export function openContext(world: AgentWorld, note: (line: string) => void): OpenedContext {
  const { env, platform, stop, substitutes } = world;
  const sources = {
    environment: env,
    homeFolder: world.home,
    workingFolder: world.workingFolder,
    platform,
    findHomeOf,
  };
  const home = createHome(resolveHome(sources));

  function warn(text: string): void {
    note(`warning: ${cleanName(text, MAX_WARNING_CHARACTERS)}`);
  }

  const ignored = findIgnoredHome(sources, home.folder);
  if (ignored !== undefined) warn(ignored);
  repairModes(home);
  return {
    context: {
      home,
      environment: env,
      homeFolder: world.home,
      platform,
      now: substitutes?.now ?? systemClock,
      readArguments: substitutes?.readArguments ?? readProcessArguments,
      warn,
      signal: stop,
    },
    finish: () => repairModes(home),
  };
}
