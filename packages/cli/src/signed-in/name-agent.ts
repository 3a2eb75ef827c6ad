// What others see of an agent that was registered here. Said by the agent itself, as everything in a profile is.
import { createHttpClient, deviceCredentialsOf, openSession, type SessionStore, updateProfile } from '@puffo/client';
import type { IdentityKeys } from '@puffo/protocol';
import type { SignedInCall } from './with-signed-in.ts';

export interface AgentToName {
  readonly keys: IdentityKeys;
  /** Of the agent. */
  readonly session: SessionStore;
  readonly displayName: string;
}

export async function nameAgent(
  { client: { context }, platform: { transport } }: Pick<SignedInCall, 'client' | 'platform'>,
  { keys, session: store, displayName }: AgentToName,
): Promise<void> {
  const server = { serverUrl: keys.serverUrl, transport, context };
  const asDevice = createHttpClient({ ...server, credentials: { deviceCredentials: deviceCredentialsOf(keys) } });
  const session = openSession({ keys, http: asDevice, context, store });
  const http = createHttpClient({ ...server, credentials: session });
  await updateProfile({ http }, { displayName });
}
