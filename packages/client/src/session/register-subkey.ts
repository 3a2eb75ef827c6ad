// A new subkey, certified by the device and known to the server. spec: wire-protocol 4.5, 5.5, 9.7
import { backoffDelay } from '@puffo/base';
import {
  generateSigningKey,
  type IdentityKeys,
  issueSubkeyCert,
  LIMITS,
  type SessionKeys,
  subkeyIdOf,
  verifyKeyBytes,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { HttpClient } from '../http/http-client.ts';

/** Right after a registration, a server may not know the device for a moment. Each wait is up to twice as long. */
const RACE_WAITS_MS = [250, 750, 1500] as const;
const MAX_WISHED_WAIT_MS = 5000;
const TIMEOUT_MS = 15_000;

export interface SubkeyRegistration {
  readonly keys: IdentityKeys;
  /** Signs with the device key. */
  readonly http: HttpClient;
  readonly context: ClientContext;
  readonly wait: (delayMs: number) => Promise<void>;
}

/** The same key and certificate on every try, so that a lost answer costs nothing. */
export async function registerSubkey({ keys, http, context, wait }: SubkeyRegistration): Promise<SessionKeys> {
  const subkey = generateSigningKey(context.random);
  const issuedAt = context.clock();
  const subkey_cert = issueSubkeyCert(keys.deviceKey, { subkey: subkey.verifyKey, issuedAt });
  for (let failures = 0; ; failures++) {
    try {
      await http.call('registerSubkey', { body: { subkey_cert }, attempts: 1, timeoutMs: TIMEOUT_MS });
      const subkeyId = subkeyIdOf(verifyKeyBytes(subkey.verifyKey));
      return { slug: keys.slug, subkeyId, subkey, expiresAt: issuedAt + LIMITS.subkeyIssueMs };
    } catch (error) {
      const waitMs = waitAfter(error, RACE_WAITS_MS[failures]);
      if (waitMs === undefined) throw error;
      context.log.debug('subkey-resend', { failures: failures + 1, waitMs });
      await wait(waitMs + backoffDelay({ firstMs: waitMs, maxMs: waitMs }, 0, context.random));
    }
  }
}

/** `undefined`: not again. */
function waitAfter(error: unknown, tableMs: number | undefined): number | undefined {
  if (tableMs === undefined || !(error instanceof ClientError)) return undefined;
  if (!error.retryable && !isRace(error)) return undefined;
  const wishedMs = error.retryAfterMs ?? 0;
  return wishedMs > MAX_WISHED_WAIT_MS ? undefined : Math.max(tableMs, wishedMs);
}

/** A wrong clock is none: that is refused for good. */
function isRace({ code, apiCode, fields }: ClientError): boolean {
  return apiCode === 'DEVICE_NOT_FOUND' || (code === 'unauthorized' && fields['clockSkewMs'] === undefined);
}
