// What a device signs with before there is a subkey. spec: wire-protocol 5.7
import type { IdentityKeys, RequestCredentials } from '@puffo/protocol';

/** Of an `HttpClient` for `openSession`: `{ deviceCredentials: deviceCredentialsOf(keys) }`. */
export function deviceCredentialsOf({ slug, deviceId, deviceKey }: IdentityKeys): RequestCredentials {
  return { slug, signerId: deviceId, signingKey: deviceKey };
}
