// One operation in the daemon: the same function that a command runs on files, then what became of the agent.
import type { JsonValue } from '@puffo/base';
import { changeApproval } from '../operations/approvals.ts';
import { archiveAgent } from '../operations/archive-agent.ts';
import type { OperationContext } from '../operations/context.ts';
import { createAgent } from '../operations/create-agent.ts';
import { renameAgent } from '../operations/rename-agent.ts';
import { setRuntime } from '../operations/set-runtime.ts';
import { pauseAgent, resumeAgent } from '../operations/set-state.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { CONTROL_OPERATIONS, type ControlResults, type OperationName } from './control-operations.ts';

export interface OperationRun {
  readonly result: JsonValue;
  /** Whose rest the caller wants to see; `undefined`: there is nothing to wait for. */
  readonly settles: string | undefined;
}

export interface RunnerDeps {
  readonly context: OperationContext;
  readonly supervisor: Pick<Supervisor, 'reconcile' | 'changeApproval'>;
}

type Runners = {
  readonly [Name in OperationName]: (
    input: JsonValue,
    deps: RunnerDeps,
  ) => Promise<{ readonly result: ControlResults[Name]; readonly settles: string | undefined }>;
};

const RUNNERS: Runners = {
  async 'create-agent'(input, { context }) {
    const { id } = await createAgent(context, CONTROL_OPERATIONS['create-agent'].readInput(input));
    return { result: { id }, settles: id };
  },
  async 'pause-agent'(input, { context }) {
    const { id } = CONTROL_OPERATIONS['pause-agent'].readInput(input);
    const { isChanged } = await pauseAgent(context, { id });
    return { result: { isChanged }, settles: id };
  },
  async 'resume-agent'(input, { context }) {
    const { id } = CONTROL_OPERATIONS['resume-agent'].readInput(input);
    const { isChanged } = await resumeAgent(context, { id });
    return { result: { isChanged }, settles: id };
  },
  async 'rename-agent'(input, { context }) {
    const renaming = CONTROL_OPERATIONS['rename-agent'].readInput(input);
    return { result: { displayName: await renameAgent(context, renaming) }, settles: undefined };
  },
  async 'set-runtime'(input, { context }) {
    const change = CONTROL_OPERATIONS['set-runtime'].readInput(input);
    await setRuntime(context, change);
    return { result: { id: change.id }, settles: change.id };
  },
  async 'archive-agent'(input, { context, supervisor }) {
    const { id } = CONTROL_OPERATIONS['archive-agent'].readInput(input);
    let wasPaused = true;
    const destination = await archiveAgent(context, {
      id,
      onPaused: () => {
        wasPaused = false;
      },
      release: () => supervisor.reconcile(),
    });
    // So that nothing of it is left when the caller is told.
    await supervisor.reconcile();
    return { result: { destination, wasPaused }, settles: undefined };
  },
  async 'change-approval'(input, { context, supervisor }) {
    const changing = CONTROL_OPERATIONS['change-approval'].readInput(input);
    const result = (await supervisor.changeApproval(changing)) ?? (await changeApproval(context, changing));
    return { result, settles: undefined };
  },
};

export async function runOperation(name: OperationName, input: JsonValue, deps: RunnerDeps): Promise<OperationRun> {
  const { result, settles } = await RUNNERS[name](input, deps);
  return { result: jsonOf(result), settles };
}

/** What is not there is absent in JSON, too. */
function jsonOf(result: ControlResults[OperationName]): JsonValue {
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== undefined));
}
