// Whether an invite is accepted at once. Slugs are what a server says, so only keys count. spec: wire-protocol 12.3, 12.4
import type { VerifyKey } from '@puffo/protocol';

/** What makes two keys the same. */
type PublicKey = Pick<VerifyKey, 'publicKey'>;

export interface InviteKeys {
  /** Of a verified identity: that of the signer of the inviting event, else that of `inviter_slug`. `undefined`: nobody knows. */
  readonly inviterRoot: PublicKey | undefined;
  /** Of the agent's own verified identity. */
  readonly operatorKey: PublicKey | null | undefined;
}

/** `ask`: the operator decides. */
export function judgeInvite({ inviterRoot, operatorKey }: InviteKeys): 'accept' | 'ask' {
  if (inviterRoot === undefined || operatorKey === undefined || operatorKey === null) return 'ask';
  return inviterRoot.publicKey === operatorKey.publicKey ? 'accept' : 'ask';
}
