import type { DeviceId, Slug, SubkeyId } from '@puffo/protocol';

/** Who sent a signed request, proven. Made by `authenticateRequest` only. */
export interface Caller {
  readonly slug: Slug;
  readonly deviceId: DeviceId;
  readonly signerId: SubkeyId | DeviceId;
  readonly signerKind: 'device' | 'subkey';
  readonly identityType: 'human' | 'agent';
  readonly rootPublicKey: string;
}
