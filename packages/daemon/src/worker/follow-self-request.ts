// What the agent, or a person by a file, asked for since the last turn: done before the next one. spec: runtimes 5.11
import type { Logger } from '@puffo/base';
import type { PreparedAgent } from '../prepare/prepare-agent.ts';
import type { AgentStore } from '../store/agent-store.ts';
import type { SelfRequests } from '../tools/self/self-requests.ts';
import type { SessionHolder } from './engine-session.ts';

export interface SelfRequestParts {
  readonly requests: SelfRequests;
  readonly sessions: SessionHolder;
  readonly store: Pick<AgentStore, 'saveSelfSetting'>;
  /** Files are read again: role, memory, skills. */
  readonly reload: () => Promise<PreparedAgent>;
  readonly logger: Logger;
}

/** A request that fails does not keep the turn: the agent goes on as it was. */
export async function followSelfRequest(parts: SelfRequestParts): Promise<void> {
  const { requests, sessions, store, reload, logger } = parts;
  const wish = await requests.take();
  if (wish === undefined) return;
  logger.info('self-request', { reload: wish.reload, restart: wish.restart, newSession: wish.newSession });
  try {
    if (wish.model !== undefined) await store.saveSelfSetting('model', wish.model);
    if (wish.reload || wish.hostSync) await reload();
  } catch (error) {
    logger.warn('self-request-failed', { error: error instanceof Error ? error.message : typeof error });
  }
  if (wish.newSession) await sessions.forget();
  else if (wish.restart) await sessions.drop();
}
