// The tools of one agent, for the sessions of its engine. They run here; a program reaches them over HTTP, with a token that ends
// with its session. spec: mcp-tools 1.2, 3.2, 3.3
import { resolveApiKey, resolveHarness } from '@puffo/agent/config';
import type { ToolHost } from '@puffo/engine';
import { createToolHost } from '../tools/create-tool-host.ts';
import { createSelfRequests, type SelfRequests } from '../tools/self/self-requests.ts';
import type { AgentToolHost } from '../tools/tool-host.ts';
import type { ToolFeatures, ToolParts } from '../tools/tool-parts.ts';
import { type AuditLog, createAuditLog } from './audit-log.ts';
import type { LiveAgentParts } from './turn-parts.ts';

export interface AgentTools extends AsyncDisposable {
  /** Absent: this agent has none. */
  readonly host: AgentToolHost | undefined;
  readonly requests: SelfRequests;
  /** Of an engine that acts. */
  readonly audit: AuditLog | undefined;
  /** For `SessionOptions.tools`; `end` when the session is closed. */
  openForSession(): SessionTools | undefined;
}

export interface SessionTools {
  readonly host: ToolHost;
  end(): void;
}

/** Below the workspace. */
const SKILL_FOLDERS: ReadonlyMap<string, string> = new Map([
  ['claude-code', '.claude/skills'],
  ['codex', '.agents/skills'],
  ['gemini-cli', '.gemini/skills'],
]);

/** They are given what the agent registers. */
const TAKES_SERVERS: ReadonlySet<string> = new Set(['claude-code']);

export type AgentToolsOptions = Pick<ToolParts, 'own' | 'pump' | 'tellOperator' | 'askPermission' | 'remindersChanged'>;

export function createAgentTools(parts: LiveAgentParts, options: AgentToolsOptions): AgentTools {
  const { agent, client, store, history, prepared, config, host, logger, model } = parts;
  const { workspaceDir, memoryDir } = prepared;
  const { clock, random, home, environment, toolEndpoint, daemonConfig } = host;
  const requests = createSelfRequests({ workspaceDir, logger });

  function secrets(): readonly string[] {
    const key = resolveApiKey({ runtime: config().runtime, daemon: daemonConfig(), environment });
    return key === '' ? [] : [key];
  }

  const tools = hasTools(parts)
    ? createToolHost({
        ...options,
        agent,
        client,
        store,
        history,
        workspaceDir,
        memoryDir,
        config,
        requests,
        secrets,
        clock,
        random,
        logger,
        sharedDir: home.sharedFolder,
        features: featuresOf(parts),
        model: () => model,
      })
    : undefined;

  const audit = tools === undefined ? undefined : createAuditLog({ agentId: agent.id, workspaceDir, clock, logger });

  return {
    host: tools,
    requests,
    audit,
    openForSession() {
      if (tools === undefined) return undefined;
      const endpoint = toolEndpoint?.issue(agent.id, tools);
      if (endpoint === undefined) return { host: tools, end: () => undefined };
      const { url, token, revoke } = endpoint;
      return { host: { ...tools, endpoint: { url, token } }, end: revoke };
    },
    async [Symbol.asyncDispose]() {
      await tools?.[Symbol.asyncDispose]();
      await audit?.[Symbol.asyncDispose]();
    },
  };
}

/** A direct model call has them when the operator says so: they cost tokens in every turn. */
function hasTools({ config }: Pick<LiveAgentParts, 'config'>): boolean {
  const { runtime } = config();
  if (runtime.offline) return false;
  return runtime.kind !== 'chat-local' || runtime.tools;
}

function featuresOf({ config }: LiveAgentParts): ToolFeatures {
  const { runtime } = config();
  if (runtime.kind !== 'cli-local') return {};
  const harness = resolveHarness(runtime);
  return { skillsFolder: SKILL_FOLDERS.get(harness), mcpServers: TAKES_SERVERS.has(harness) };
}
