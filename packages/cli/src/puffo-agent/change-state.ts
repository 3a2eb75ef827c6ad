// Pause and resume. spec: daemon-and-cli 4.11
import { pauseAgent, resumeAgent, showAgent } from '@puffo/daemon/operations';
import type { AgentCall, ExitCode } from './agent-command.ts';
import { askDaemon, reportAgent } from './ask-daemon.ts';

const OPERATIONS = { paused: 'pause-agent', running: 'resume-agent' } as const;

export async function changeState(call: AgentCall, state: 'paused' | 'running'): Promise<ExitCode> {
  const { context, print } = call;
  const id = call.argument('id');
  const asked = await askDaemon(call, {
    operation: OPERATIONS[state],
    input: { id },
    lookUp: async () => ((await showAgent(context, { id })).state === state ? { isChanged: true } : undefined),
  });
  if (asked !== undefined) {
    print(asked.result.isChanged ? `agent '${id}' state set to ${state}` : `agent '${id}' already ${state}`);
    reportAgent(call, asked.agent, state === 'paused' ? 'rest' : 'work');
    return 0;
  }
  const change = await (state === 'paused' ? pauseAgent : resumeAgent)(context, { id });
  if (!change.isChanged) print(`agent '${id}' already ${state}`);
  else {
    print(`agent '${id}' state set to ${state}`);
    if (change.isDaemonAlive) print('daemon will follow within a few seconds.');
  }
  return 0;
}
