// Codes that let people sign up. spec: wire-protocol 9.2, 9.3
import type { JsonObject } from '@puffo/base';
import { generateIdentity, type NewIdentity } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import { createInviteCode, listInviteCodes, revokeInviteCode } from '../src/accounts/invite-codes.ts';
import { callUnsigned } from './kit/call-unsigned.ts';
import { random } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

describe.each(DIALECTS)('invite codes on %s', (dialect) => {
  async function tryCode(server: TestServer, invite_code: string): Promise<number> {
    const identity = generateIdentity({ operatorKey: null, issuedAt: server.clock.now, random });
    return (await callUnsigned(server, '/signup', { ...signUpBody(identity), invite_code })).status;
  }

  async function isAvailable(server: TestServer, code: string): Promise<unknown> {
    const { status, body } = await callUnsigned(server, `/invites/${code}/check`);
    expect({ status, code: body['code'] }).toEqual({ status: 200, code });
    return body['available'];
  }

  it('let in as many people as they say', async () => {
    await using server = await startTestServer({ dialect, settings: { signup: 'invite' } });
    const code = await createInviteCode(server.context, { uses: 2, expiresAt: null });
    expect(code).toMatch(/^([2-9A-HJ-NP-Z]{4}-){3}[2-9A-HJ-NP-Z]{4}$/);
    expect(await isAvailable(server, code)).toBe(true);
    expect(await tryCode(server, code)).toBe(201);
    expect(await tryCode(server, code.toLowerCase())).toBe(201);
    expect(await isAvailable(server, code)).toBe(false);
    expect(await tryCode(server, code)).toBe(403);
  });

  it('are not used up by a sign-up that is refused or repeated', async () => {
    await using server = await startTestServer({ dialect, settings: { signup: 'invite' } });
    const invite_code = await createInviteCode(server.context, { uses: 1, expiresAt: null });
    const body = signUpBody(generateIdentity({ operatorKey: null, issuedAt: server.clock.now, random }));
    expect((await callUnsigned(server, '/signup', { ...body, invite_code, username: '-' })).status).toBe(400);
    expect(await isAvailable(server, invite_code)).toBe(true);
    expect((await callUnsigned(server, '/signup', { ...body, invite_code })).status).toBe(201);
    expect((await callUnsigned(server, '/signup', { ...body, invite_code })).status).toBe(201);
    expect((await listInviteCodes(server.context.database.db)).map((row) => row.uses_left)).toEqual([0]);
  });

  it('let in one of many who come at the same time when they are for one', async () => {
    await using server = await startTestServer({ dialect, settings: { signup: 'invite' } });
    const code = await createInviteCode(server.context, { uses: 1, expiresAt: null });
    const statuses = await Promise.all([1, 2, 3, 4, 5].map(() => tryCode(server, code)));
    expect(statuses.toSorted((first, second) => first - second)).toEqual([201, 403, 403, 403, 403]);
  });

  it('end by time and by revocation, and unknown ones are not available', async () => {
    await using server = await startTestServer({ dialect, settings: { signup: 'invite' } });
    const { context } = server;
    const short = await createInviteCode(context, { uses: null, expiresAt: server.clock.now + 1000 });
    const word = await createInviteCode(context, { code: 'TestCode', uses: null, expiresAt: null });
    expect(word).toBe('TESTCODE');
    expect(await isAvailable(server, short)).toBe(true);
    server.clock.now += 1000;
    expect(await isAvailable(server, short)).toBe(false);
    expect(await tryCode(server, short)).toBe(403);
    expect(await tryCode(server, word)).toBe(201);
    expect(await revokeInviteCode(context, word)).toBe(true);
    expect(await revokeInviteCode(context, word)).toBe(false);
    expect(await tryCode(server, word)).toBe(403);
    expect(await isAvailable(server, 'unknown')).toBe(false);
    await expect(createInviteCode(context, { code: word, uses: 1, expiresAt: null })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('do not matter where everybody or nobody may sign up', async () => {
    await using open = await startTestServer({ dialect });
    expect(await isAvailable(open, 'any')).toBe(true);
    await using closed = await startTestServer({ dialect, settings: { signup: 'closed' } });
    expect(await isAvailable(closed, 'any')).toBe(false);
    expect(await tryCode(closed, 'any')).toBe(403);
  });
});

function signUpBody(identity: NewIdentity): JsonObject {
  const { identityCert: identity_cert, deviceCert: device_cert } = identity;
  return { invite_code: 'none', username: 'alice', identity_cert, device_cert };
}
