// Where this build asks for releases. spec: daemon-and-cli 2.9, 4.7
import { createHttpChannel, type VersionChannel } from '@puffo/daemon/operations';
import type { AgentWorld } from './agent-world.ts';

export const CHANNEL_VARIABLE = 'PUFFO_AGENT_UPDATE_URL';

/** `undefined`: nobody told this build. */
export function findReleaseChannel({ env, substitutes }: AgentWorld): VersionChannel | undefined {
  const address = env[CHANNEL_VARIABLE] ?? '';
  return substitutes?.channel ?? (address === '' ? undefined : createHttpChannel(address));
}
