// A revocation ends what its signer may end, under whatever name a server lists it. spec: wire-protocol 4.7, 4.8
import {
  type CertEntry,
  isDeviceId,
  type VerifiedIdentity,
  verifyDeviceRevocation,
  verifyOperatorRevocation,
} from '@puffo/protocol';

export function isRevocation({ kind }: CertEntry): boolean {
  return kind === 'device_revocation' || kind === 'operator_revocation';
}

/** Whether it verifies as one of this identity or of a device of it. */
export function isRevocationOf({ rootKey, operatorKey }: VerifiedIdentity, { kind, cert }: CertEntry): boolean {
  if (kind === 'operator_revocation') {
    if (operatorKey === null) return false;
    return verifyOperatorRevocation(cert, { operatorKey, agentKey: rootKey }).kind === 'valid';
  }
  const deviceId = cert['device_id'];
  return isDeviceId(deviceId) && verifyDeviceRevocation(cert, { rootKey, deviceId }).kind === 'valid';
}
