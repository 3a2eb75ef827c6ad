// spec: daemon-and-cli 4.10, D-52
import type { JsonValue } from '@puffo/base';
import { type AgentDetails, showAgent } from '@puffo/daemon/operations';
import type { RuntimeSummary } from '@puffo/daemon/status';
import { cleanName } from '../../output/clean-text.ts';
import { formatJson } from '../../output/format-json.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { describeTokens } from '../describe-runtime.ts';
import { formatLocalTime } from '../format-local-time.ts';
import { runtimeToJson } from '../summary-to-json.ts';

const LABEL_WIDTH = 17;
const MAX_CHARACTERS = 1000;

export async function run({ context, argument, has, print, note }: AgentCall): Promise<ExitCode> {
  const agent = await showAgent(context, { id: argument('id') });
  if (has('json')) print(formatJson(toJson(agent)));
  else for (const line of describe(agent)) print(line);
  if (agent.problem !== undefined) note(`warning: ${cleanName(agent.problem, MAX_CHARACTERS)}`);
  return 0;
}

function describe(agent: AgentDetails): readonly string[] {
  const { puffoCore, runtime, triggers, status } = agent;
  return [
    line('id', agent.id),
    line('display_name', agent.displayName),
    line('state', agent.state),
    line('directory', agent.folder),
    line('profile', agent.profile),
    line('memory_dir', agent.memoryDir),
    line('workspace_dir', agent.workspaceDir),
    'puffo_core:',
    line('  server_url', puffoCore.serverUrl),
    line('  slug', puffoCore.slug || '(not set)'),
    line('  device_id', puffoCore.deviceId || '(not set)'),
    line('  space_id', puffoCore.spaceId || '(not set)'),
    line('claude_dir', `${agent.claudeDir}  (derived)`),
    'runtime:',
    line('  kind', runtime.kind),
    line('  provider', runtime.provider || '(default)'),
    line('  model', runtime.model || '(default)'),
    line('  api_key', runtime.hasApiKey ? '(set)' : '(inherit)'),
    ...(runtime.baseUrl === '' ? [] : [line('  base_url', runtime.baseUrl)]),
    line('triggers', `on_mention=${triggers.onMention} on_dm=${triggers.onDm} on_channel=${triggers.onChannel}`),
    ...(status === undefined ? [] : describeStatus(status)),
  ];
}

function describeStatus(status: RuntimeSummary): readonly string[] {
  return [
    'status:',
    line('  status', status.status),
    line('  health', status.health),
    ...(status.phase === undefined ? [] : [line('  phase', status.phase)]),
    line('  msg_count', String(status.msgCount)),
    ...describeLastTurn(status),
    line('  last_event_at', status.lastEventAt === 0 ? 'never' : formatLocalTime(status.lastEventAt * 1000)),
    line('  updated_at', formatLocalTime(status.updatedAt * 1000)),
    ...moment('  connected_at', status.connectedAt),
    ...(status.messagesWaiting === undefined ? [] : [line('  waiting', String(status.messagesWaiting))]),
    ...(status.messagesFailed === undefined ? [] : [line('  failed', String(status.messagesFailed))]),
    ...(status.tokensToday === undefined ? [] : [line('  tokens_today', describeTokens(status.tokensToday) ?? '0')]),
    ...moment('  last_error_at', status.lastErrorAt),
    ...moment('  next_retry_at', status.nextRetryAt),
    ...(status.error === '' ? [] : [line('  error', status.error)]),
  ];
}

function describeLastTurn({ lastTurn }: RuntimeSummary): readonly string[] {
  if (lastTurn === undefined) return [];
  return [line('  last turn', `${lastTurn.description} (${formatLocalTime(lastTurn.at * 1000)})`)];
}

function moment(label: string, seconds: number | undefined): readonly string[] {
  return seconds === undefined ? [] : [line(label, formatLocalTime(seconds * 1000))];
}

function line(label: string, value: string): string {
  return `${`${label}:`.padEnd(LABEL_WIDTH)}${cleanName(value, MAX_CHARACTERS)}`.trimEnd();
}

/** Names as in `agent.yml`. */
function toJson(agent: AgentDetails): JsonValue {
  const { puffoCore, runtime, triggers, status } = agent;
  return {
    id: agent.id,
    display_name: agent.displayName,
    state: agent.state,
    directory: agent.folder,
    profile: agent.profile,
    memory_dir: agent.memoryDir,
    workspace_dir: agent.workspaceDir,
    claude_dir: agent.claudeDir,
    puffo_core: {
      server_url: puffoCore.serverUrl,
      slug: puffoCore.slug,
      device_id: puffoCore.deviceId,
      space_id: puffoCore.spaceId,
      operator_slug: puffoCore.operatorSlug,
    },
    runtime: {
      kind: runtime.kind,
      provider: runtime.provider,
      model: runtime.model,
      has_api_key: runtime.hasApiKey,
      base_url: runtime.baseUrl,
      harness: runtime.harness,
      allowed_tools: runtime.allowedTools,
      docker_image: runtime.dockerImage,
      permission_mode: runtime.permissionMode,
      max_turns: runtime.maxTurns,
    },
    triggers: {
      on_mention: triggers.onMention,
      on_dm: triggers.onDm,
      on_channel: triggers.onChannel,
      channels: triggers.channels,
    },
    status: runtimeToJson(status),
    problem: agent.problem ?? null,
  };
}
