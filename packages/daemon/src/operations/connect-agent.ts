// Tells an agent who it is at which server, and what it answers to. spec: daemon-and-cli 1.5
import type { ChannelTrigger, PuffoCoreConfig } from '@puffo/agent/config';
import { changeAgentFile } from '../home/agent-file.ts';
import type { YamlEdit } from '../home/edit-yaml.ts';
import { type OperationContext, requireAgent } from './context.ts';

export interface AgentConnection {
  readonly id: string;
  readonly core: PuffoCoreConfig;
  /** By channel id; others stay as they are. */
  readonly channels?: Readonly<Record<string, ChannelTrigger>>;
}

/** Whether the file was written. All of it at once: a daemon never sees half an identity. */
export async function connectAgent(
  context: OperationContext,
  { id, core, channels = {} }: AgentConnection,
): Promise<boolean> {
  const edits: readonly YamlEdit[] = [
    { path: ['puffo_core', 'server_url'], value: core.serverUrl },
    { path: ['puffo_core', 'slug'], value: core.slug },
    { path: ['puffo_core', 'device_id'], value: core.deviceId },
    { path: ['puffo_core', 'space_id'], value: core.spaceId },
    { path: ['puffo_core', 'operator_slug'], value: core.operatorSlug },
    ...Object.entries(channels).map(([channel, value]) => ({
      path: ['triggers', 'channels', channel] as const,
      value,
    })),
  ];
  return changeAgentFile(await requireAgent(context, id), () => edits);
}
