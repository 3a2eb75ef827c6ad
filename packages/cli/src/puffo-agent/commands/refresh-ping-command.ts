import { refreshPing } from '@puffo/daemon/operations';
import { cleanLines } from '../../output/clean-text.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';

export async function run({ context, argument, print }: AgentCall): Promise<ExitCode> {
  await refreshPing(context, {
    id: argument('id'),
    print(line) {
      for (const each of cleanLines(line)) print(each);
    },
  });
  return 0;
}
