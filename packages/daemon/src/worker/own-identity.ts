// Who the agent is, and whose: from its own certificate, never from the server. spec: wire-protocol 12.3
import { safeParseJson } from '@puffo/base';
import { type IdentityKeys, type Slug, verifyIdentityCert } from '@puffo/protocol';

const LIMITS = { maxLength: 64 * 1024, maxDepth: 16, integers: 'safe' } as const;

export interface OwnIdentity {
  readonly slug: Slug;
  /** base64url; `undefined`: nobody vouches for this agent, or its certificate is missing. */
  readonly operatorPublicKey: string | undefined;
}

export function ownIdentityOf({ slug, rootKey, identityCertJson }: IdentityKeys): OwnIdentity {
  const parsed = identityCertJson === null ? undefined : safeParseJson(identityCertJson, LIMITS);
  const verdict = parsed?.kind === 'value' ? verifyIdentityCert(parsed.value) : undefined;
  if (verdict?.kind !== 'valid' || verdict.value.rootKey.publicKey !== rootKey.verifyKey.publicKey) {
    return { slug, operatorPublicKey: undefined };
  }
  return { slug, operatorPublicKey: verdict.value.operatorKey?.publicKey };
}
