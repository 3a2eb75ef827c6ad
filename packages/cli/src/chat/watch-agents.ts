// How the agents of a conversation are, asked for again and again: servers do not tell it by themselves. spec: wire-protocol 11
import { sleep } from '@puffo/base';
import { type Client, ClientError } from '@puffo/client';
import type { AgentStatus, Slug } from '@puffo/protocol';
import { describeState, statusDot } from '../output/agent-state.ts';
import type { Paint } from '../output/paint.ts';

const INTERVAL_MS = 5000;
const MAX_AGENTS = 8;

export interface AgentsToWatch {
  readonly agents: readonly Slug[];
  readonly paint: Paint;
  readonly show: (status: string) => void;
  readonly signal: AbortSignal;
}

/** Until the signal; never fails because of the server. */
export async function watchAgents({ http }: Client, { agents, paint, show, signal }: AgentsToWatch): Promise<void> {
  const watched = agents.slice(0, MAX_AGENTS);
  if (watched.length === 0) return;
  while (!signal.aborted) {
    const statuses = await Promise.all(watched.map((slug) => findStatus({ http }, { slug, signal })));
    if (signal.aborted) return;
    show(describeAgents(statuses, paint));
    await pause(signal);
  }
}

/** `● helper-9a7c  ◐ coder-1b2c working` */
export function describeAgents(statuses: readonly Pick<AgentStatus, 'slug' | 'status'>[], paint: Paint): string {
  return statuses
    .map(({ slug, status }) => {
      const works = status === 'busy' ? ` ${describeState(status)}` : '';
      return `${statusDot(status, paint)} ${slug}${works}`;
    })
    .join('  ');
}

async function findStatus(
  { http }: Pick<Client, 'http'>,
  { slug, signal }: { readonly slug: Slug; readonly signal: AbortSignal },
): Promise<Pick<AgentStatus, 'slug' | 'status'>> {
  try {
    return await http.call('getAgentStatus', { params: { slug }, signal, attempts: 1 });
  } catch (error) {
    if (error instanceof ClientError) return { slug, status: 'offline' };
    throw error;
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(INTERVAL_MS, signal);
  } catch {
    // Whoever called it off looks at the signal.
  }
}
