// The acceptance statements for agents that are connected to a server, by their numbers. spec: daemon-and-cli 9.2, 9.3
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createDeferred } from '@puffo/base';
import { findLastUserText, replies, type TestUser, waitFor } from '@puffo/testbed';
import { type DaemonProgram, PATIENCE, readRuntime, startDaemon, waitForRuntime } from './kit/agent-daemon.ts';
import { type AgentHome, createAgentHome } from './kit/agent-home.ts';
import { AGENT, connectAgent } from './kit/connected-agent.ts';
import { exists } from './kit/look-at-home.ts';

async function waitUntilOnline(home: AgentHome): Promise<number> {
  return Number((await waitForRuntime(home, AGENT, ({ phase }) => phase === 'online'))['started_at']);
}

/** A restart within the same second looks like none: time has to pass between the two. */
async function passSecond(home: AgentHome): Promise<void> {
  const before = Math.floor(Date.now() / 1000);
  await waitFor(() => Math.floor(Date.now() / 1000) > before + 1, `two seconds in ${home.home}`);
}

/** What somebody was told by the agent. */
function answersTo(person: TestUser, agent: TestUser): readonly unknown[] {
  return person.inbox.messages.filter(({ senderSlug }) => senderSlug === agent.slug).map(({ content }) => content);
}

async function end(daemon: DaemonProgram): Promise<void> {
  daemon.kill('SIGTERM');
  expect(await daemon.ending).toBe(0);
}

describe('an agent that is online', () => {
  it('55: editing triggers or display_name does not restart a worker; editing runtime.model does', async () => {
    await using home = await createAgentHome();
    await using connected = await connectAgent(home);
    await using daemon = await startDaemon(home);
    const startedAt = await waitUntilOnline(home);
    await passSecond(home);
    connected.provider.respond(() => 'from the model');
    await connected.writeAgent({ displayName: 'Ann', triggers: '{ on_mention: true, on_dm: true }' });
    await connected.alice.say(connected.agent, 'after the edit');
    await waitForRuntime(home, AGENT, ({ msg_count }) => msg_count === 1);
    expect(await readRuntime(home, AGENT)).toMatchObject({ started_at: startedAt });
    await connected.writeAgent({ displayName: 'Ann', model: 'other' });
    await waitForRuntime(home, AGENT, ({ started_at, phase }) => Number(started_at) > startedAt && phase === 'online');
    await end(daemon);
  });

  it('56: pause while running yields status stopped; resume starts it again', async () => {
    await using home = await createAgentHome();
    await using _connected = await connectAgent(home);
    await using daemon = await startDaemon(home);
    await waitUntilOnline(home);
    expect((await home.spawn(['agent', 'pause', AGENT])).exitCode).toBe(0);
    await waitForRuntime(home, AGENT, ({ status }) => status === 'stopped');
    expect((await home.spawn(['agent', 'resume', AGENT])).exitCode).toBe(0);
    await waitUntilOnline(home);
    await end(daemon);
  });

  it('57: restart.flag is removed and started_at changes', async () => {
    await using home = await createAgentHome();
    await using _connected = await connectAgent(home);
    await using daemon = await startDaemon(home);
    const startedAt = await waitUntilOnline(home);
    await passSecond(home);
    const flag = home.in('agents', AGENT, '.puffo-agent', 'restart.flag');
    await mkdir(home.in('agents', AGENT, '.puffo-agent'), { recursive: true });
    await writeFile(flag, 'requested');
    await waitForRuntime(home, AGENT, ({ started_at, phase }) => Number(started_at) > startedAt && phase === 'online');
    expect(await exists(flag)).toBe(false);
    await end(daemon);
  });

  it('72, 73: with an unreachable server it keeps trying, the record is refreshed and says so, and all is well afterwards', async () => {
    await using home = await createAgentHome();
    await using connected = await connectAgent(home);
    await using daemon = await startDaemon(home);
    await waitUntilOnline(home);
    await connected.network.server.stop();
    const offline = await waitForRuntime(home, AGENT, ({ phase }) => phase !== 'online');
    expect(offline).toMatchObject({ status: 'running' });
    expect(offline).not.toHaveProperty('connected_at');
    const refreshed = await waitForRuntime(
      home,
      AGENT,
      (record) => Number(record['updated_at']) > Number(offline['updated_at']),
    );
    expect(refreshed['phase']).not.toBe('online');
    expect((await home.spawn(['status'])).out).toContain(`daemon: running (pid=${daemon.pid})`);
    await connected.network.server.start();
    const online = await waitForRuntime(home, AGENT, ({ phase }) => phase === 'online');
    expect(online).toMatchObject({ status: 'running', error: '' });
    await end(daemon);
    // A record is written again before it is 30 s old, and attempts to connect are as far apart.
  }, 150_000);

  it('74: after SIGKILL of the daemon, status and agent show mark old records as stale', async () => {
    await using home = await createAgentHome();
    await using _connected = await connectAgent(home);
    const daemon = await startDaemon(home);
    await waitUntilOnline(home);
    daemon.kill('SIGKILL');
    await daemon.ending;
    const path = home.in('agents', AGENT, 'runtime.json');
    const old = Math.floor(Date.now() / 1000) - 31;
    const text = await home.read('agents', AGENT, 'runtime.json');
    await writeFile(path, text.replace(/"updated_at": \d+/, `"updated_at": ${old}`));
    await utimes(path, old, old);
    expect((await home.spawn(['status'])).out).toContain('stale');
    expect((await home.spawn(['agent', 'show', AGENT])).out).toContain('stale');
  });
});

describe('messages', () => {
  it('80: killing the daemon between receiving and answering leads to one answer after restart', async () => {
    await using home = await createAgentHome();
    await using connected = await connectAgent(home);
    const { alice, agent, provider } = connected;
    const never = createDeferred<void>();
    provider.script([replies.text('too late', { startAfter: never.promise })]);
    provider.respond(
      (request) => `answer to: ${findLastUserText(request)?.includes('second') === true ? 'second' : 'first'}`,
    );
    const first = await startDaemon(home);
    await waitUntilOnline(home);
    await alice.say(agent, 'the first question');
    await provider.waitFor(() => true, { timeoutMs: 30_000 });
    first.kill('SIGKILL');
    await first.ending;
    await using second = await startDaemon(home);
    await waitFor(() => alice.inbox.texts.includes('answer to: first'), 'the answer', PATIENCE);
    await alice.say(agent, 'the second question');
    await waitFor(() => alice.inbox.texts.includes('answer to: second'), 'the next answer', PATIENCE);
    expect(answersTo(alice, agent)).toEqual(['answer to: first', 'answer to: second']);
    await end(second);
  });

  it('81: two people send a DM within one turn; each gets only the answer to their own message', async () => {
    await using home = await createAgentHome();
    await using connected = await connectAgent(home);
    const { alice, agent, provider, network } = connected;
    const bob = await network.signUp('bob');
    await bob.listen();
    const gate = createDeferred<void>();
    provider.script([replies.text('for the first one', { startAfter: gate.promise })]);
    provider.respond((request) => {
      const text = findLastUserText(request) ?? '';
      return [text.includes('alpha') ? 'alpha answered' : '', text.includes('beta') ? 'beta answered' : '']
        .join(' ')
        .trim();
    });
    await using daemon = await startDaemon(home);
    await waitUntilOnline(home);
    await alice.say(agent, 'something that takes a while');
    await provider.waitFor(() => true, { timeoutMs: 30_000 });
    await alice.say(agent, 'question alpha');
    await bob.say(agent, 'question beta');
    gate.resolve();
    await waitFor(() => alice.inbox.texts.includes('alpha answered'), 'the answer for Alice', PATIENCE);
    await waitFor(() => bob.inbox.texts.includes('beta answered'), 'the answer for Bob', PATIENCE);
    expect(answersTo(alice, agent)).toEqual(['for the first one', 'alpha answered']);
    expect(answersTo(bob, agent)).toEqual(['beta answered']);
    await end(daemon);
  });

  it('82: a model that always fails is asked a bounded number of times; other messages are processed; the agent shows an error', async () => {
    await using home = await createAgentHome();
    await using connected = await connectAgent(home);
    const { alice, agent, provider } = connected;
    provider.respond((request) =>
      findLastUserText(request)?.includes('poison') === true ? replies.malformed('API Err') : 'all is well',
    );
    await using daemon = await startDaemon(home);
    await waitUntilOnline(home);
    await alice.say(agent, 'poison');
    await waitForRuntime(home, AGENT, ({ messages_failed }) => messages_failed === 1);
    const poisoned = provider.requests.length;
    expect(poisoned).toBeLessThan(20);
    expect((await home.spawn(['status'])).out).toMatch(/error|failed/);
    await alice.say(agent, 'hello');
    await waitFor(() => alice.inbox.texts.includes('all is well'), 'the answer to the other message', PATIENCE);
    expect(provider.requests.filter((request) => findLastUserText(request)?.includes('poison'))).toHaveLength(poisoned);
    expect(alice.inbox.texts.join()).not.toContain('API Err');
    await end(daemon);
  });
});
