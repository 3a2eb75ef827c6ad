// What the tools of one agent work with: parts that its worker has anyway. Nothing of it leaves the daemon. spec: mcp-tools 3.1
import type { AgentConfig } from '@puffo/agent/config';
import type { Clock, Logger, Random } from '@puffo/base';
import type { Client } from '@puffo/client';
import type { AskPermission } from '@puffo/engine';
import type { AgentPaths } from '../home/home.ts';
import type { AgentStore } from '../store/agent-store.ts';
import type { HistoryStore } from '../store/history-store.ts';
import type { OwnIdentity } from '../worker/own-identity.ts';
import type { ReplyPump } from '../worker/reply-pump.ts';
import type { TellOperator } from '../worker/tell-operator.ts';
import type { SelfRequests } from './self/self-requests.ts';

export interface ToolParts {
  readonly own: OwnIdentity;
  readonly client: Client;
  readonly store: AgentStore;
  readonly history: HistoryStore;
  readonly agent: AgentPaths;
  /** Absolute. */
  readonly workspaceDir: string;
  readonly memoryDir: string;
  /** Of all agents of this computer; absent: none is offered. */
  readonly sharedDir?: string | undefined;
  readonly config: () => AgentConfig;
  readonly features: ToolFeatures;
  /** Where the tools leave what is to be done before the next turn. */
  readonly requests: SelfRequests;
  readonly pump: Pick<ReplyPump, 'run'>;
  readonly tellOperator: TellOperator;
  /** Absent: what the operator has to agree to is not offered. */
  readonly askPermission?: AskPermission | undefined;
  /** A reminder was made or cancelled: the next one may be due at another time. */
  readonly remindersChanged?: (() => void) | undefined;
  /** Never to be shown, wherever they come from. */
  readonly secrets?: (() => readonly string[]) | undefined;
  /** As it is used now; for `whoami`. */
  readonly model: () => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** What its engine makes of changes: tools that cannot work are not listed. */
export interface ToolFeatures {
  /** Below the workspace, where the engine finds skills, such as `.claude/skills`. */
  readonly skillsFolder?: string | undefined;
  /** The engine is given what `readRegisteredServers` returns. */
  readonly mcpServers?: boolean | undefined;
  /** Programs and paths of this computer do not exist where it runs. */
  readonly isContainer?: boolean | undefined;
  /** Where the engine sees the workspace. Absent: as the daemon does. */
  readonly workspaceSeenAs?: string | undefined;
  /** It may choose another model. Absent: it may. */
  readonly mayChangeModel?: boolean | undefined;
  /** Models that the account may use; absent: nobody knows. */
  readonly models?: readonly string[] | undefined;
}
