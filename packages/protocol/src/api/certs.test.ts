import { describe, expect, it } from 'vitest';
import { getEndpoint } from './endpoints.ts';
import { parseAnswer, parseBody } from './parse-api.ts';

const syncCerts = getEndpoint('syncCerts');
const entry = { seq: 4, kind: 'device_cert', slug: 'alice-3d3d', cert: { type: 'device_cert' } };

describe('the answer of GET /certs/sync', () => {
  it('reads entries of kinds that nobody knows yet', () => {
    const later = { ...entry, seq: 5, kind: 'machine_cert' };
    const { entries } = parseAnswer(syncCerts, { entries: [entry, later], has_more: false });
    expect(entries).toEqual({ items: [entry, later], unreadable: 0 });
  });

  it('keeps a certificate as the very object that came in', () => {
    const { entries } = parseAnswer(syncCerts, { entries: [entry], has_more: false, next_cursor: null });
    expect(entries.items[0]?.cert).toBe(entry.cert);
  });

  it.each([
    ['without a position', { ...entry, seq: undefined }],
    ['at position 0', { ...entry, seq: 0 }],
    ['without a certificate', { ...entry, cert: 'x' }],
    ['of no kind', { ...entry, kind: 7 }],
    ['that is none', null],
  ])('counts an entry %s and reads the others', (_name, broken) => {
    const { entries } = parseAnswer(syncCerts, { entries: [broken, entry], has_more: true });
    expect(entries).toEqual({ items: [entry], unreadable: 1 });
  });

  it.each([
    ['entries', { has_more: false }],
    ['has_more', { entries: [] }],
  ])('needs the member %s', (field, answer) => {
    expect(() => parseAnswer(syncCerts, answer)).toThrow(expect.objectContaining({ code: 'schema_mismatch', field }));
  });
});

describe('the body of POST /certs/slug_binding', () => {
  it.each([
    ['pending_token', { slug_binding: {} }],
    ['pending_token', { pending_token: 'x'.repeat(70_000), slug_binding: {} }],
    ['slug_binding', { pending_token: 'x' }],
    ['slug_binding', { pending_token: 'x', slug_binding: '{}' }],
  ])('names the wrong member %s', (field, body) => {
    expect(() => parseBody(getEndpoint('bindSlug'), body)).toThrow(expect.objectContaining({ field }));
  });
});
