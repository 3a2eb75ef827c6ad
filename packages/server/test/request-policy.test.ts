// The decisions of request-auth-policy.json, made by the real server. spec: wire-protocol 5.6
import { describe, expect, test } from 'vitest';
import { sendRaw } from './kit/raw-request.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';
import { type PolicyFile, readVectors } from './kit/vectors.ts';

const { directory, vectors } = readVectors<PolicyFile>('request-auth-policy.json');

describe.each(DIALECTS)('on %s', (dialect) => {
  test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_name, vector) => {
    await using server = await startTestServer({ dialect, clock: { now: vector.now_ms } });
    await fillDirectory(server);
    const decisions: string[] = [];
    for (const { method, target, headers, body_hex } of vector.requests) {
      const response = await sendRaw(server.url, { method, target, headers, body: Buffer.from(body_hex, 'hex') });
      expect(response.status).toBeLessThan(500);
      decisions.push(response.status === 401 ? 'reject' : 'accept');
      if (response.status === 401) expect(JSON.parse(response.text)).toMatchObject({ error: 'UNAUTHORIZED' });
    }
    expect(decisions).toEqual(vector.expected);
  });
});

/** The people of the file, as if they had registered. */
async function fillDirectory({ context }: TestServer): Promise<void> {
  const slugs = [...new Set(directory.map(({ slug }) => slug))];
  await context.database.write(async (transaction) => {
    for (const slug of slugs) {
      const identity = { root_public_key: `root of ${slug}`, slug, identity_type: 'human' as const };
      const state = { operator_root_public_key: null, state: 'active' as const, registered_at: 0 };
      await transaction
        .insertInto('identities')
        .values({ ...identity, ...state })
        .execute();
    }
    for (const entry of directory.filter(({ kind }) => kind === 'device')) {
      await transaction
        .insertInto('devices')
        .values({
          device_id: entry.device_id,
          root_public_key: `root of ${entry.slug}`,
          slug: entry.slug,
          signing_public_key: entry.public_key,
          expires_at: entry.expires_at,
          revoked_from: entry.device_revoked_from,
          registered_at: 0,
        })
        .execute();
    }
    for (const entry of directory.filter(({ kind }) => kind === 'subkey')) {
      await transaction
        .insertInto('subkeys')
        .values({
          subkey_id: entry.signer_id,
          device_id: entry.device_id,
          slug: entry.slug,
          public_key: entry.public_key,
          issued_at: 0,
          expires_at: entry.expires_at ?? Number.MAX_SAFE_INTEGER,
          cert: '{}',
        })
        .execute();
    }
  });
}
