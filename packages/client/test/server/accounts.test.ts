import { createCloser } from '@puffo/base';
import { deviceIdOf, formatIdentityFile, judgeDevice, parseIdentityFile, verifyKeyBytes } from '@puffo/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeEnrolment } from '../../src/accounts/complete-enrolment.ts';
import { startEnrolment, waitForEnrolment } from '../../src/accounts/enrol-device.ts';
import { formatEnrolmentCode, parseEnrolmentCode } from '../../src/accounts/enrolment-code.ts';
import { findProfile, updateProfile } from '../../src/accounts/profiles.ts';
import { registerAgent, revokeAgent } from '../../src/accounts/register-agent.ts';
import { parseRegistration } from '../../src/accounts/registration.ts';
import { signUp } from '../../src/accounts/sign-up.ts';
import type { Transport } from '../../src/platform.ts';
import { context, meet, readPending, type RealServer, startRealServer } from './people.ts';

const closer = createCloser();
let server: RealServer;
beforeAll(async () => {
  server = closer.use(await startRealServer());
});
afterAll(() => closer[Symbol.asyncDispose]());

class Crash extends Error {}

/** Keeps what it is given, and ends the program after so many times. */
function keeper(crashAfter: number) {
  const kept: string[] = [];
  return {
    kept,
    async keepPending(text: string): Promise<void> {
      kept.push(text);
      if (kept.length === crashAfter) throw new Crash();
    },
  };
}

/** Loses the answer to the first request to `path`, which the server has worked on by then. */
function losing(path: string): Transport {
  let isLost = false;
  return async (request) => {
    const answer = await server.platform.transport(request);
    if (isLost || !request.url.endsWith(path)) return answer;
    isLost = true;
    throw new Crash();
  };
}

describe('a sign-up', () => {
  it('gives keys that last, under a name of the chosen kind', async () => {
    const { platform, url: serverUrl } = server;
    const keys = await signUp({ platform, context, serverUrl, inviteCode: 'none', username: 'Dora', displayName: 'D' });
    expect(keys.slug).toMatch(/^dora-[0-9a-f]{4}$/);
    const again = parseIdentityFile(formatIdentityFile(keys));
    expect(formatIdentityFile(again)).toBe(formatIdentityFile(keys));
    const client = server.open(again);
    expect(await findProfile(client, keys.slug)).toMatchObject({ display_name: 'D', username: 'dora' });
  });

  it.each([
    [1, 'with its keys only'],
    [2, 'with its slug'],
  ])('that was interrupted after %i step, %s, goes on with the same keys', async (step) => {
    const { platform, url: serverUrl } = server;
    const options = { platform, context, serverUrl, inviteCode: 'none', username: 'dora' };
    const first = keeper(step);
    await expect(signUp({ ...options, keepPending: first.keepPending })).rejects.toThrow(Crash);
    const pending = first.kept.at(-1) ?? '';
    const second = keeper(Infinity);
    const keys = await signUp({ ...options, pending, keepPending: second.keepPending });
    const kept = parseRegistration(pending);
    expect(keys.deviceId).toBe(kept.identity.deviceId);
    expect(keys.slug).toBe(kept.reserved?.slug ?? keys.slug);
    expect(await server.open(keys).spaces.listSpaces()).toEqual([]);
    // Also when only the end of it was lost.
    const last = second.kept.at(-1) ?? pending;
    expect(await signUp({ ...options, pending: last })).toMatchObject({ slug: keys.slug, deviceId: keys.deviceId });
  });

  it.each(['/signup', '/certs/slug_binding'])('survives a lost answer of %s', async (path) => {
    const keys = await signUp({
      platform: { transport: losing(path) },
      context,
      serverUrl: server.url,
      inviteCode: 'none',
      username: 'dora',
    });
    expect(await server.open(keys).spaces.listSpaces()).toEqual([]);
  });

  it('does not go on elsewhere', async () => {
    const { platform, url: serverUrl } = server;
    const first = keeper(1);
    const options = { platform, context, serverUrl, inviteCode: 'none', username: 'dora' };
    await expect(signUp({ ...options, keepPending: first.keepPending })).rejects.toThrow(Crash);
    const elsewhere = { ...options, serverUrl: 'http://127.0.0.1:1', pending: first.kept[0] };
    await expect(signUp(elsewhere)).rejects.toMatchObject({ code: 'invalid-input' });
  });
});

describe('an agent', () => {
  it('is vouched for by its operator, is invited and answers', async () => {
    const operator = await server.signUp('alice');
    const agent = server.open(await registerAgent(operator, { username: 'helper' }));
    const { people, problems } = await operator.directory.getPeople([agent.slug]);
    expect(problems).toEqual([]);
    const operatorKey = operator.session.keys.rootKey.verifyKey.publicKey;
    expect(people.get(agent.slug)?.identity.operatorKey?.publicKey).toBe(operatorKey);
    const route = await meet(operator, agent);
    await (
      await agent.outbox.send({ route, contentType: 'text/plain', content: 'here' })
    ).sent;
    expect((await readPending(operator)).map(({ content }) => content)).toEqual(['here']);
  });

  it.each([
    [1, 'with its keys only'],
    [2, 'with its slug'],
  ])('whose registration was interrupted after %i step, %s, keeps keys and slug', async (step) => {
    const operator = await server.signUp('alice');
    const first = keeper(step);
    await expect(registerAgent(operator, { username: 'helper', keepPending: first.keepPending })).rejects.toThrow(
      Crash,
    );
    const pending = first.kept.at(-1) ?? '';
    const keys = await registerAgent(operator, { username: 'helper', pending });
    expect(keys.deviceId).toBe(parseRegistration(pending).identity.deviceId);
    expect((await registerAgent(operator, { username: 'helper', pending })).slug).toBe(keys.slug);
  });

  it('is not taken over by another operator with what was left behind', async () => {
    const [operator, thief] = [await server.signUp('alice'), await server.signUp('mallory')];
    const first = keeper(1);
    await expect(registerAgent(operator, { username: 'helper', keepPending: first.keepPending })).rejects.toThrow(
      Crash,
    );
    const stolen = registerAgent(thief, { username: 'helper', pending: first.kept[0] });
    await expect(stolen).rejects.toMatchObject({ code: 'invalid-input' });
  });

  it('ends with its revocation, which is for its operator alone', async () => {
    const [operator, thief] = [await server.signUp('alice'), await server.signUp('mallory')];
    const agent = server.open(await registerAgent(operator, { username: 'helper' }));
    expect(await agent.spaces.listSpaces()).toEqual([]);
    await expect(revokeAgent(thief, agent.slug)).rejects.toMatchObject({ code: 'invalid-input' });
    await revokeAgent(operator, agent.slug);
    await expect(agent.spaces.listSpaces()).rejects.toMatchObject({ code: 'unauthorized' });
    const { people } = await thief.directory.getPeople([agent.slug], { isFresh: true });
    const devices = people.get(agent.slug)?.devices ?? [];
    expect(devices.map((device) => judgeDevice(device, context.clock()).kind)).toEqual(['refused']);
  });
});

describe('a profile', () => {
  it('is what its owner makes of it, and the rest stays', async () => {
    const [alice, bob] = [await server.signUp('alice'), await server.signUp('bob')];
    await updateProfile(alice, { displayName: 'Alice', bio: 'likes tea' });
    await updateProfile(alice, { bio: '' });
    expect(await findProfile(bob, alice.slug)).toMatchObject({ display_name: 'Alice', bio: '' });
  });
});

describe('an enrolment', () => {
  it('takes the keys from the code, so that a server that swaps them gains nothing', async () => {
    const bob = await server.signUp('bob');
    const { platform, url: serverUrl } = server;
    const started = await startEnrolment({ platform, context, serverUrl });
    const swapped = await startEnrolment({ platform, context, serverUrl });
    const nonce = parseEnrolmentCode(started.code).nonce;
    const foreign = { ...parseEnrolmentCode(swapped.code), nonce };
    await expect(completeEnrolment(bob, formatEnrolmentCode(foreign))).rejects.toMatchObject({ code: 'refused' });
  });

  it('is not believed when the bundle is for other keys', async () => {
    const bob = await server.signUp('bob');
    const { platform, url: serverUrl } = server;
    const started = await startEnrolment({ platform, context, serverUrl });
    await completeEnrolment(bob, started.code);
    const other = await startEnrolment({ platform, context, serverUrl });
    const mixed = { ...started, deviceKey: other.deviceKey };
    await expect(waitForEnrolment(mixed)).rejects.toMatchObject({ code: 'untrusted' });
    expect(deviceIdOf(verifyKeyBytes(started.deviceKey.verifyKey))).toBe(started.deviceId);
  });

  it('that nobody began is over at once, and one that nobody completes after its time', async () => {
    const { platform, url: serverUrl } = server;
    const started = await startEnrolment({ platform, context, serverUrl });
    const waiting = waitForEnrolment(started, { intervalMs: 1, timeoutMs: 20 });
    await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
    const unknown = { ...started, nonce: started.kemKey.kemPublicKey.publicKey };
    await expect(waitForEnrolment(unknown)).rejects.toMatchObject({ code: 'refused' });
  });
});
