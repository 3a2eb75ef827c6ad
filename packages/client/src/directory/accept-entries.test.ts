import { type CertEntry, type CertKind, parseSlug } from '@puffo/protocol';
import { expect, test } from 'vitest';
import { acceptEntries } from './accept-entries.ts';

const slug = parseSlug('alice-0001');

function listOf(kind: CertKind | 'newer', count: number, from = 1): readonly CertEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: from + index,
    kind,
    slug,
    cert: { number: from + index },
  }));
}

test('takes what is new, once', () => {
  const stored = listOf('device_cert', 2);
  const { accepted, passedOver } = acceptEntries(stored, [...listOf('device_cert', 3), ...listOf('device_cert', 3)]);
  expect(accepted.map(({ seq }) => seq)).toEqual([3]);
  expect(passedOver).toBe(0);
});

test('takes a number again with another content', () => {
  const stored = listOf('device_cert', 1);
  expect(acceptEntries(stored, [{ seq: 1, kind: 'device_cert', slug, cert: {} }]).accepted).toHaveLength(1);
});

test.each([
  ['identity_cert', 64],
  ['slug_binding', 64],
  ['device_cert', 256],
  ['subkey_cert', 10_000],
  ['device_revocation', 256],
  ['operator_attestation', 64],
  ['operator_revocation', 64],
  ['newer', 0],
] as const)('takes a bounded number of %s, those that are stored included', (kind, most) => {
  const { accepted, passedOver } = acceptEntries(listOf(kind, Math.min(most, 10)), listOf(kind, most + 5, 11));
  expect(accepted).toHaveLength(Math.max(0, most - 10));
  expect(passedOver).toBe(most === 0 ? 5 : 15);
});

test('takes no certificate that is far larger than any', () => {
  const cert = { padding: 'x'.repeat(8192) };
  expect(acceptEntries([], [{ seq: 1, kind: 'device_cert', slug, cert }])).toEqual({ accepted: [], passedOver: 1 });
});
