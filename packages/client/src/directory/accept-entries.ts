// Which entries of a server are kept for a slug. Bounded per kind, so that a flood of one does not crowd out another;
// the bounds are far above what an honest identity has. spec: wire-protocol 9.10, 13.3
import type { CertEntry, CertKind } from '@puffo/protocol';

const MAX_PER_KIND: Readonly<Record<CertKind, number>> = {
  identity_cert: 64,
  slug_binding: 64,
  device_cert: 256,
  /** One per device in two days, for many years. */
  subkey_cert: 10_000,
  device_revocation: 256,
  operator_attestation: 64,
  operator_revocation: 64,
};
/** A certificate has less than a thousand. */
const MAX_CERT_CHARACTERS = 8192;

export interface AcceptedEntries {
  readonly accepted: readonly CertEntry[];
  /** How many were new and not taken: of a kind that is not known, too large, or too many. */
  readonly passedOver: number;
}

/** Of `entries` those that are not among the stored ones and may be stored. */
export function acceptEntries(stored: readonly CertEntry[], entries: readonly CertEntry[]): AcceptedEntries {
  const counts = new Map<string, number>();
  const known = new Set<string>();
  const numbers = new Set(entries.map(({ seq }) => seq));
  for (const entry of stored) {
    counts.set(entry.kind, (counts.get(entry.kind) ?? 0) + 1);
    if (numbers.has(entry.seq)) known.add(keyOfEntry(entry));
  }
  const accepted: CertEntry[] = [];
  let passedOver = 0;
  for (const entry of entries) {
    const key = keyOfEntry(entry);
    if (known.has(key)) continue;
    const count = (counts.get(entry.kind) ?? 0) + 1;
    if (count > maxOf(entry.kind) || JSON.stringify(entry.cert).length > MAX_CERT_CHARACTERS) {
      passedOver += 1;
      continue;
    }
    counts.set(entry.kind, count);
    known.add(key);
    accepted.push(entry);
  }
  return { accepted, passedOver };
}

function maxOf(kind: string): number {
  return Object.hasOwn(MAX_PER_KIND, kind) ? MAX_PER_KIND[kind as CertKind] : 0;
}

/** A server that was set back to an earlier state gives a number out twice: the content counts too. */
export function keyOfEntry({ seq, kind, cert }: CertEntry): string {
  return `${seq} ${kind} ${JSON.stringify(cert)}`;
}
