// A session and the HTTP client that signs with it. spec: wire-protocol 5.5, 9.7
import type { IdentityKeys } from '@puffo/protocol';
import type { ClientContext } from '../context.ts';
import { createHttpClient } from '../http/create-http-client.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { Platform } from '../platform.ts';
import { deviceCredentialsOf } from './device-credentials.ts';
import { openSession } from './open-session.ts';
import type { Session, SessionStore } from './session.ts';

export interface SignedHttpOptions {
  readonly keys: IdentityKeys;
  readonly platform: Pick<Platform, 'transport'>;
  readonly context: ClientContext;
  readonly store: SessionStore;
}

export interface SignedHttp {
  readonly session: Session;
  readonly http: HttpClient;
}

/** A subkey is registered with the device key, everything else is signed by the subkey. */
export function openSignedHttp({ keys, platform, context, store }: SignedHttpOptions): SignedHttp {
  const base = { serverUrl: keys.serverUrl, transport: platform.transport, context };
  const http = createHttpClient({ ...base, credentials: { deviceCredentials: deviceCredentialsOf(keys) } });
  const session = openSession({ keys, http, context, store });
  return { session, http: createHttpClient({ ...base, credentials: session }) };
}
