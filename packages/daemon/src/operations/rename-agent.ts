// spec: daemon-and-cli 4.12
import { DaemonError } from '../daemon-error.ts';
import { changeAgentFile } from '../home/agent-file.ts';
import { type OperationContext, requireAgent } from './context.ts';

export interface Renaming {
  readonly id: string;
  readonly displayName: string;
}

/** The name as it is stored. */
export async function renameAgent(context: OperationContext, { id, displayName }: Renaming): Promise<string> {
  const name = displayName.trim();
  if (name === '') throw new DaemonError('display_name cannot be empty', { code: 'invalid-argument' });
  const agent = await requireAgent(context, id);
  await changeAgentFile(agent, () => [{ path: ['display_name'], value: name }]);
  return name;
}
