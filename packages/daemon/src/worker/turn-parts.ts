// What the steps of a turn work with: made once per worker, in order, and closed in reverse.
import type { OperatorNoticeFacts } from '@puffo/agent';
import type { AgentConfig } from '@puffo/agent/config';
import type { Clock, Logger, Random } from '@puffo/base';
import type { Client } from '@puffo/client';
import type { Engine } from '@puffo/engine';
import type { AgentPaths } from '../home/home.ts';
import type { PreparedAgent } from '../prepare/prepare-agent.ts';
import type { AgentStore } from '../store/agent-store.ts';
import { type AgentCondition, createAgentCondition } from './agent-condition.ts';
import { type AgentTools, createAgentTools } from './agent-tools.ts';
import { createSessionHolder, type SessionHolder } from './engine-session.ts';
import { startForgetKeeper } from './forget-keeper.ts';
import { type AgentKeepers, type KeeperContext, openKeepers } from './open-keepers.ts';
import type { AgentClient } from './open-agent-client.ts';
import { type OwnIdentity, ownIdentityOf } from './own-identity.ts';
import { createReplyPump, type ReplyPump } from './reply-pump.ts';
import type { RuntimeKeeper } from './runtime-keeper.ts';
import { createStatusReporter, type StatusReporter } from './status-reporter.ts';
import { createTellOperator } from './tell-operator.ts';
import type { OpenedEngine, WorkerHost } from './worker-host.ts';

/** What an agent that is warm consists of. */
export interface LiveAgentParts extends Omit<AgentClient, typeof Symbol.asyncDispose>, OpenedEngine {
  /** When the agent started. */
  readonly prepared: PreparedAgent;
  /** Reads its files again. */
  readonly prepare: () => Promise<PreparedAgent>;
  readonly agent: AgentPaths;
  readonly host: WorkerHost;
  readonly keeper: RuntimeKeeper;
  readonly logger: Logger;
  readonly config: () => AgentConfig;
}

export interface TurnParts extends AgentKeepers {
  readonly own: OwnIdentity;
  readonly client: Client;
  readonly store: AgentStore;
  readonly engine: Engine;
  readonly sessions: SessionHolder;
  readonly tools: AgentTools;
  readonly reload: () => Promise<PreparedAgent>;
  readonly pump: ReplyPump;
  readonly reporter: StatusReporter;
  readonly condition: AgentCondition;
  readonly workspaceDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly config: () => AgentConfig;
}

export function createTurnParts(
  parts: LiveAgentParts,
  { closer, fail, wake, onLoginChange }: KeeperContext,
): TurnParts {
  const { client, store, history, engine, model, prepared, host, keeper, logger, config } = parts;
  const { clock, random } = host;
  const { workspaceDir } = prepared;
  const tellOperator = createTellOperator({ client, config, logger });

  function facts(): OperatorNoticeFacts {
    const { id: agentId, displayName, runtime } = config();
    return { agentId, displayName, runtime, model };
  }

  const condition = closer.use(createAgentCondition({ store, keeper, clock, logger, facts, tellOperator }));
  const reporter = closer.use(createStatusReporter({ http: client.http, random, logger }));
  const pump = closer.use(createReplyPump({ client, store, history, logger, onFailure: fail }));
  const keepers = openKeepers({ ...parts, condition }, { closer, fail, wake, onLoginChange });
  const askPermission = keepers.approvals.ask;
  const own = ownIdentityOf(parts.keys);
  const remindersChanged = keepers.reminders.changed;
  const tools = closer.use(createAgentTools(parts, { own, pump, tellOperator, askPermission, remindersChanged }));
  const openTools = tools.openForSession;
  let current = prepared;

  function systemPrompt(): string {
    return current.systemPrompt({ speaksByText: tools.host === undefined });
  }

  async function reload(): Promise<PreparedAgent> {
    current = await parts.prepare();
    return current;
  }

  const { audit } = tools;
  const holding = { engine, model, store, systemPrompt, openTools, askPermission, audit };
  const sessions = closer.use(createSessionHolder(holding));

  function retentionDays(): number {
    return host.daemonConfig().messageRetentionDays;
  }

  closer.use(startForgetKeeper({ retentionDays, history, store, workspaceDir, clock, random, logger }));
  pump.run();
  condition.loadChanged();
  reporter.start();
  const made = { ...keepers, own, condition, reporter, pump, sessions, tools, reload, workspaceDir, clock, random };
  return { ...made, client, store, engine, logger, config };
}
