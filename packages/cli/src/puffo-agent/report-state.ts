// spec: daemon-and-cli 4.11
import type { StateChange } from '@puffo/daemon/operations';
import type { AgentCall, ExitCode } from './agent-command.ts';

export interface StateReport {
  readonly id: string;
  readonly state: 'paused' | 'running';
  readonly change: StateChange;
}

export function reportState({ print }: AgentCall, { id, state, change }: StateReport): ExitCode {
  if (!change.isChanged) print(`agent '${id}' already ${state}`);
  else {
    print(`agent '${id}' state set to ${state}`);
    if (change.isDaemonAlive) print('daemon will follow within a few seconds.');
  }
  return 0;
}
