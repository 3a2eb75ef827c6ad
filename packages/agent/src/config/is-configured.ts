import type { PuffoCoreConfig } from './agent-config.ts';

/** Whether the agent has everything it needs to speak to a server. spec: daemon-and-cli 1.5 */
export function isConfigured({ serverUrl, slug, deviceId, spaceId }: PuffoCoreConfig): boolean {
  return [serverUrl, slug, deviceId, spaceId].every((text) => text !== '');
}
