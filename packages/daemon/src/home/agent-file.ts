// `agent.yml` of one agent: read, changed in place, written anew. spec: daemon-and-cli 1.5, D-12, D-16
import {
  type AgentConfig,
  type AgentReading,
  DEFAULT_MAX_TURNS,
  DEFAULT_PERMISSION_MODE,
  DEFAULT_SERVER_URL,
  findMember,
  migrateKind,
  readAgentConfig,
  type YamlNode,
} from '@puffo/agent/config';
import { DaemonError } from '../daemon-error.ts';
import type { YamlEdit } from './edit-yaml.ts';
import type { AgentPaths } from './home.ts';
import { renderDocument } from './render-yaml.ts';
import { changeYamlFile, readYamlFile } from './yaml-file.ts';

export type AgentFile =
  | { readonly kind: 'missing' }
  /** Not YAML. */
  | { readonly kind: 'damaged'; readonly problem: string }
  | { readonly kind: 'read'; readonly reading: AgentReading };

export async function readAgentFile({ id, agentFile }: AgentPaths): Promise<AgentFile> {
  const file = await readYamlFile(agentFile);
  if (file.kind === 'read') return { kind: 'read', reading: readAgentConfig(file.tree, { id }) };
  if (file.kind === 'missing') return file;
  return { kind: 'damaged', problem: `agent '${id}': ${file.problem}` };
}

/** For who runs the agent: what cannot run is an error. */
export async function loadAgentConfig(paths: AgentPaths): Promise<AgentConfig> {
  const file = await readAgentFile(paths);
  if (file.kind === 'missing') throw new DaemonError(`agent '${paths.id}' not found`, { code: 'not-found' });
  if (file.kind === 'damaged') throw new DaemonError(file.problem, { code: 'invalid-file' });
  if (file.reading.kind === 'invalid') throw new DaemonError(file.reading.reason, { code: 'invalid-file' });
  return file.reading.config;
}

/** Whether the file was written. Old spellings and a wrong id are put right on the way. */
export async function changeAgentFile(
  { id, agentFile }: AgentPaths,
  editsOf: (tree: YamlNode | undefined) => readonly YamlEdit[],
): Promise<boolean> {
  return changeYamlFile(agentFile, {
    editsOf(tree) {
      const edits = editsOf(tree);
      return edits.length === 0 ? edits : [...findRepairs(tree, id), ...edits];
    },
  });
}

function findRepairs(tree: YamlNode | undefined, id: string): readonly YamlEdit[] {
  const written = findMember(tree, 'id');
  const kind = findMember(findMember(tree, 'runtime'), 'kind');
  const repairs: YamlEdit[] = [];
  if (written?.kind !== 'scalar' || written.text !== id) repairs.push({ path: ['id'], value: id });
  if (kind?.kind === 'scalar' && migrateKind(kind.text) !== kind.text) {
    repairs.push({ path: ['runtime', 'kind'], value: migrateKind(kind.text) });
  }
  return repairs;
}

export interface NewAgent {
  readonly id: string;
  readonly displayName: string;
  readonly createdAt: number;
  readonly kind: string;
  readonly provider: string;
  readonly model: string;
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly harness: string;
  readonly onMention: boolean;
  readonly onDm: boolean;
  readonly onChannel: boolean;
}

/** All keys in the documented order, as 0.7.2 writes them; own keys follow those it knows. */
export function renderNewAgent(agent: NewAgent): string {
  return renderDocument({
    id: agent.id,
    state: 'running',
    display_name: agent.displayName,
    avatar_url: '',
    created_at: agent.createdAt,
    puffo_core: { server_url: DEFAULT_SERVER_URL, slug: '', device_id: '', space_id: '', operator_slug: '' },
    runtime: {
      kind: agent.kind,
      provider: agent.provider,
      model: agent.model,
      api_key: agent.apiKey,
      allowed_tools: [],
      docker_image: '',
      docker_memory_limit: '',
      docker_memory_reservation: '',
      permission_mode: DEFAULT_PERMISSION_MODE,
      harness: agent.harness,
      max_turns: DEFAULT_MAX_TURNS,
      ...(agent.baseUrl === '' ? {} : { base_url: agent.baseUrl }),
    },
    profile: 'profile.md',
    memory_dir: 'memory',
    workspace_dir: 'workspace',
    triggers: { on_mention: agent.onMention, on_dm: agent.onDm, on_channel: agent.onChannel },
  });
}
