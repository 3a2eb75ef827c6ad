import { rootFingerprint, type VerifyKey } from '@puffo/protocol';

const GROUP = /.{4}/g;

/** The fingerprint of a root key for people to compare: sixteen groups of four digits. spec: wire-protocol 3.3 */
export function rootFingerprintText(rootKey: VerifyKey): string {
  const digits = Array.from(rootFingerprint(rootKey), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return (digits.match(GROUP) ?? []).join(' ');
}
