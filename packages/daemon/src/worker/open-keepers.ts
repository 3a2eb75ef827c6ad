// What looks after an agent beside its turns: consent of the operator, reminders, and the login that it works with.
import type { AgentConfig } from '@puffo/agent/config';
import type { Closer, Logger } from '@puffo/base';
import type { Client } from '@puffo/client';
import { type Approvals, createApprovals } from '../approvals/create-approvals.ts';
import { permissionTimeoutMs } from '../approvals/permission-timeout.ts';
import { type AgentLogin, followLogin } from '../credentials/agent-login.ts';
import type { AgentPaths } from '../home/home.ts';
import { createReminderKeeper, type ReminderKeeper } from '../notices/create-reminder-keeper.ts';
import type { AgentStore } from '../store/agent-store.ts';
import type { AgentCondition } from './agent-condition.ts';
import type { WorkerHost } from './worker-host.ts';

export interface AgentKeepers {
  readonly approvals: Approvals;
  readonly reminders: Pick<ReminderKeeper, 'changed'>;
  readonly login: AgentLogin;
}

export interface KeeperParts {
  readonly agent: AgentPaths;
  readonly client: Pick<Client, 'outbox'>;
  readonly store: AgentStore;
  readonly host: Pick<WorkerHost, 'clock' | 'random' | 'environment' | 'credentials'>;
  readonly config: () => AgentConfig;
  readonly logger: Logger;
  readonly condition: Pick<AgentCondition, 'note'>;
}

export interface KeeperContext {
  readonly closer: Closer;
  readonly fail: (error: unknown) => void;
  /** Something waits for a turn. */
  readonly wake: () => void;
  /** What waits for credentials may be tried again. */
  readonly onLoginChange: () => void;
}

export function openKeepers(parts: KeeperParts, { closer, fail, wake, onLoginChange }: KeeperContext): AgentKeepers {
  const { agent, client, store, host, config, logger } = parts;
  const { clock, random, environment, credentials } = host;
  const approvals = createApprovals({
    client,
    store,
    agentId: agent.id,
    displayName: () => config().displayName,
    operatorSlug: () => config().puffoCore.operatorSlug,
    waitMs: permissionTimeoutMs(environment),
    clock,
    random,
    wake,
    logger,
  });
  closer.use(approvals).ended.catch(fail);
  const reminders = createReminderKeeper({ store, clock, wake, logger });
  closer.use(reminders).ended.catch(fail);
  const login = followLogin(credentials, {
    agent,
    runtime: config().runtime,
    onChange: onLoginChange,
    onBroken: () => parts.condition.note({ kind: 'refresh-broken' }),
  });
  closer.defer(login.end);
  return { approvals, reminders, login };
}
