// spec: daemon-and-cli 4.16, D-38
import { DaemonError } from '../daemon-error.ts';
import { exists } from '../home/archive-folder.ts';
import { type OperationContext, requireFolder } from './context.ts';

export interface AgentExport {
  readonly id: string;
  /** Absolute. `.zip` is put behind it unless it is there. */
  readonly destination: string;
  readonly isWithSecrets: boolean;
  /** Replace a file that is there. */
  readonly isForced: boolean;
}

export interface ExportedAgent {
  readonly file: string;
  readonly files: number;
  /** What may be secret, relative to the agent's folder. */
  readonly leftOut: readonly string[];
}

export async function exportAgent(
  context: OperationContext,
  { id, destination, isWithSecrets, isForced }: AgentExport,
): Promise<ExportedAgent> {
  const { home, now } = context;
  const agent = await requireFolder(context, id);
  const file = /\.zip$/i.test(destination) ? destination : `${destination}.zip`;
  if (!isForced && (await exists(file))) {
    throw new DaemonError(`Cannot write ${file}: it exists already; choose another name or add --force`, {
      code: 'already-exists',
    });
  }
  // Loaded here: only this command packs.
  const { exportAgentFolder } = await import('../home/export-agent-folder.ts');
  const exported = await exportAgentFolder(agent, { home, target: file, isWithSecrets, now: now() });
  return { file, ...exported };
}
