// `agent.yml` as a value. A file that cannot run is still read as far as possible, because the commands that repair it have
// to show and change it. spec: daemon-and-cli 1.5, 1.6, D-16, D-17
import type { AgentConfig, ChannelTrigger, PuffoCoreConfig, RuntimeConfig, TriggerConfig } from './agent-config.ts';
import { checkRuntime, migrateKind } from './check-runtime.ts';
import { createFieldReader, type FieldReader, type ReaderNotes } from './field-reader.ts';
import type { YamlNode } from './yaml-node.ts';

export const DEFAULT_SERVER_URL = 'https://api.puffo.ai';
const DEFAULT_IDLE_SHUTDOWN_MINUTES = 10;
export const DEFAULT_MAX_TURNS = 10;
export const DEFAULT_PERMISSION_MODE = 'bypassPermissions';
const CHANNEL_TRIGGERS: readonly ChannelTrigger[] = ['all', 'mention', 'off'];
const MAX_CHANNELS = 1000;

/** A configuration whose kind and provider nobody vouches for. */
export interface AgentDraft extends Omit<AgentConfig, 'runtime'> {
  readonly runtime: RuntimeDraft;
}

export interface RuntimeDraft extends Omit<RuntimeConfig, 'kind' | 'provider'> {
  readonly kind: string;
  readonly provider: string;
}

export type AgentReading =
  | {
      readonly kind: 'valid';
      readonly config: AgentConfig;
      readonly draft: AgentDraft;
      readonly warnings: readonly string[];
    }
  | {
      readonly kind: 'invalid';
      /** A sentence that names the agent. */
      readonly reason: string;
      readonly draft: AgentDraft;
      readonly warnings: readonly string[];
    };

/** `id`: the name of the folder, which is the id whatever the file says. */
export function readAgentConfig(root: YamlNode | undefined, { id }: { readonly id: string }): AgentReading {
  const warnings: string[] = [];
  const reasons: string[] = [];
  const notes: ReaderNotes = {
    warn: (text) => warnings.push(`agent '${id}': ${text}`),
    refuse: (reason) => reasons.push(reason),
  };
  const draft = readDraft(createFieldReader(root, notes), { id, notes });
  if (reasons.length > 0) {
    return { kind: 'invalid', reason: `agent '${id}': invalid agent.yml — ${reasons.join('; ')}`, draft, warnings };
  }
  const verdict = checkRuntime(draft.runtime);
  if (verdict.kind === 'refused') {
    return { kind: 'invalid', reason: `agent '${id}': invalid runtime config — ${verdict.reason}`, draft, warnings };
  }
  const runtime = { ...draft.runtime, kind: verdict.runtimeKind, provider: verdict.provider };
  return { kind: 'valid', config: { ...draft, runtime }, draft, warnings };
}

interface DraftContext {
  readonly id: string;
  readonly notes: ReaderNotes;
}

function readDraft(fields: FieldReader, { id, notes }: DraftContext): AgentDraft {
  const written = fields.text('id', id);
  if (written !== id) notes.warn(`the file says id '${written}'; the name of its folder counts`);
  return {
    id,
    state: fields.text('state', 'running'),
    displayName: fields.text('display_name'),
    avatarUrl: fields.text('avatar_url'),
    createdAt: fields.integer('created_at', { fallback: 0 }),
    puffoCore: readPuffoCore(fields.section('puffo_core')),
    runtime: readRuntime(fields.section('runtime'), notes),
    profile: fields.text('profile', 'profile.md'),
    memoryDir: fields.text('memory_dir', 'memory'),
    workspaceDir: fields.text('workspace_dir', 'workspace'),
    triggers: readTriggers(fields.section('triggers'), notes),
  };
}

function readPuffoCore(fields: FieldReader): PuffoCoreConfig {
  const serverUrl = fields.text('server_url');
  return {
    serverUrl: serverUrl === '' ? DEFAULT_SERVER_URL : serverUrl,
    slug: fields.text('slug'),
    deviceId: fields.text('device_id'),
    spaceId: fields.text('space_id'),
    operatorSlug: fields.text('operator_slug'),
  };
}

function readRuntime(fields: FieldReader, notes: ReaderNotes): RuntimeDraft {
  const written = fields.text('kind', 'chat-local');
  const kind = migrateKind(written);
  if (kind !== written) notes.warn(`runtime.kind '${written}' is an old name of '${kind}' and is read as that`);
  return {
    kind,
    provider: fields.text('provider'),
    model: fields.text('model'),
    apiKey: fields.text('api_key'),
    baseUrl: fields.text('base_url'),
    allowedTools: fields.list('allowed_tools'),
    dockerImage: fields.text('docker_image'),
    dockerMemoryLimit: fields.text('docker_memory_limit'),
    dockerMemoryReservation: fields.text('docker_memory_reservation'),
    permissionMode: fields.text('permission_mode', DEFAULT_PERMISSION_MODE),
    // Absent and empty both mean: by provider. spec: runtimes 1.3
    harness: fields.text('harness'),
    maxTurns: fields.integer('max_turns', { fallback: DEFAULT_MAX_TURNS, atLeast: 1 }),
    offline: fields.flag('offline', false),
    tools: fields.flag('tools', false),
    idleShutdownMinutes: Math.max(
      0,
      fields.decimal('idle_shutdown_minutes', { fallback: DEFAULT_IDLE_SHUTDOWN_MINUTES }),
    ),
  };
}

function readTriggers(fields: FieldReader, notes: ReaderNotes): TriggerConfig {
  return {
    onMention: fields.flag('on_mention', true),
    onDm: fields.flag('on_dm', true),
    onChannel: fields.flag('on_channel', true),
    channels: readChannels(fields.texts('channels'), notes),
  };
}

function readChannels(entries: readonly (readonly [string, string])[], notes: ReaderNotes): TriggerConfig['channels'] {
  if (entries.length > MAX_CHANNELS) {
    notes.warn(`'triggers.channels' has more than ${MAX_CHANNELS} entries: the rest is ignored`);
  }
  const known = entries.slice(0, MAX_CHANNELS).flatMap(([channel, text]) => {
    const trigger = CHANNEL_TRIGGERS.find((each) => each === text);
    if (trigger !== undefined) return [[channel, trigger] as const];
    notes.warn(`'triggers.channels' has '${text.slice(0, 20)}', not all, mention or off: that channel has no rule`);
    return [];
  });
  return Object.fromEntries(known);
}
