// Until the agent is in the space and at work: it accepts its invitation by itself.
import { sleep } from '@puffo/base';
import { ClientError } from '@puffo/client';
import { showAgent } from '@puffo/daemon/operations';
import type { Slug, SpaceId } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import { cleanName } from '../output/clean-text.ts';
import type { SignedInCall } from '../signed-in/with-signed-in.ts';
import type { DaemonInUse } from './ensure-daemon.ts';
import type { QuickstartRun } from './quickstart-run.ts';

const TIMEOUT_MS = 60_000;
const POLL_MS = 250;
const MAX_ERROR_CHARACTERS = 500;

export interface AgentToAwait {
  readonly id: string;
  readonly slug: Slug;
  readonly spaceId: SpaceId;
  readonly operator: SignedInCall;
  readonly daemon: DaemonInUse;
}

export async function waitForAgent({ context }: QuickstartRun, agent: AgentToAwait): Promise<void> {
  const { id, slug, daemon } = agent;
  const deadline = context.now() + TIMEOUT_MS;
  while (!(await isReady(agent))) {
    if (context.now() > deadline || (await daemon.hasEnded())) {
      const { status, state } = await showAgent(context, { id });
      if (state === 'paused') {
        throw new CliError('failed', `Cannot chat with @${slug}: it is paused; run puffo-agent agent resume ${id}`);
      }
      const error = status?.error ?? '';
      const reason = error === '' ? 'it did not come online' : cleanName(error, MAX_ERROR_CHARACTERS);
      const advice = `see puffo-agent doctor and puffo-agent agent logs ${id}`;
      throw new CliError('failed', `Cannot chat with @${slug}: ${reason}; ${advice}`);
    }
    await sleep(POLL_MS, context.signal);
  }
}

async function isReady({ operator, slug, spaceId }: AgentToAwait): Promise<boolean> {
  const members = await operator.spaces.listSpaceMembers(spaceId);
  if (!members.some((member) => member.slug === slug)) return false;
  try {
    const { status } = await operator.client.http.call('getAgentStatus', { params: { slug } });
    return status === 'idle' || status === 'busy';
  } catch (error) {
    if (error instanceof ClientError && error.code === 'refused') return false;
    throw error;
  }
}
