// What a person sees of questions of their agents, and answers at the computer. spec: runtimes 5.9
import { createHome } from '@puffo/daemon/home';
import { type AgentStore, openAgentStore, startControlServer } from '@puffo/daemon';
import type { ApprovalChanging, ApprovalOutcome } from '@puffo/daemon/approvals';
import { isJsonObject, safeParseJson, silentLogger, systemClock, systemRandom } from '@puffo/base';
import { describe, expect, it } from 'vitest';
import { type AgentHome, createAgentHome } from './kit/agent-home.ts';
import { createX } from './kit/look-at-home.ts';

const ID = 'apr_AAAA';

async function withStore<Result>(home: AgentHome, use: (store: AgentStore) => Promise<Result>): Promise<Result> {
  const { storeFile } = createHome(home.home).agent('x');
  await using store = await openAgentStore(storeFile, { clock: systemClock, random: systemRandom });
  return await use(store);
}

/** Agent `x` asked, and went on without. */
async function createAskingHome(command = 'ls\u202e'): Promise<AgentHome> {
  const home = await createAgentHome();
  await createX(home);
  await withStore(home, async (store) => {
    await store.beginApproval({
      approvalId: ID,
      turnId: 't',
      conversation: { kind: 'dm', peerSlug: 'alice-3d3d' as never },
      threadRootId: null,
      toolName: 'Bash',
      input: { command },
      digest: 'd',
      description: 'look',
      operatorSlug: 'alice-3d3d' as never,
    });
    await store.stopWaiting(ID);
  });
  return home;
}

async function startDaemon(home: AgentHome, answer: (changing: ApprovalChanging) => ApprovalOutcome | undefined) {
  return startControlServer({
    context: {
      home: createHome(home.home),
      environment: {},
      homeFolder: home.folder,
      platform: process.platform,
      now: systemClock,
      readArguments: () => Promise.resolve(undefined),
      warn: () => undefined,
    },
    supervisor: {
      reconcile: () => Promise.resolve(),
      list: () => [],
      changeApproval: (changing) => Promise.resolve(answer(changing)),
      settle: (id) => Promise.resolve({ id, facts: undefined }),
    },
    pid: process.pid,
    random: systemRandom,
    logger: silentLogger,
  });
}

describe('puffo-agent approvals', () => {
  it('says that there is nothing to answer', async () => {
    await using home = await createAgentHome();
    await createX(home);
    expect((await home.run(['approvals'])).out).toBe('(no open questions)\n');
  });

  it('lists open questions with their exact arguments, in which nothing is hidden', async () => {
    await using home = await createAskingHome();
    const { out } = await home.run(['approvals']);
    expect(out).toMatch(/^apr_AAAA {2}x: Bash {2}\(asked .*, open until .*\)$/m);
    expect(out).toContain(String.raw`    command: "ls\u202e"`);
    expect((await home.run(['approvals', 'list'])).out).toBe(out);
  });

  it('prints JSON for programs', async () => {
    await using home = await createAskingHome();
    const { out } = await home.run(['approvals', '--json']);
    const result = safeParseJson(out, { maxLength: 10_000, maxDepth: 10, integers: 'any' });
    expect(result.kind === 'value' && isJsonObject(result.value) ? result.value : undefined).toMatchObject({
      open: [{ id: ID, agent_id: 'x', state: 'open', tool: 'Bash', arguments: { command: 'ls\u202e' } }],
      rules: [],
    });
  });

  it('shows all of a question that is too long for a list', async () => {
    const command = 'x'.repeat(9000);
    await using home = await createAskingHome(command);
    expect((await home.run(['approvals'])).out).toContain('cut: the first 1500 of 9002 characters');
    expect((await home.run(['approvals', 'show', ID])).out).toContain(`"command": "${command}"`);
  });

  it.each([
    ['allow', 'allowed', /^question 'apr_AAAA' answered: allowed once$/m, 'Your operator allowed'],
    ['always', 'always', /always allowed with exactly these arguments/, 'Your operator allowed'],
    ['deny', 'denied', /answered: denied/, 'Your operator refused'],
  ])('%s is recorded without a daemon, and the agent is told when it lives', async (verb, state, words, notice) => {
    await using home = await createAskingHome();
    const { out, exitCode } = await home.run(['approvals', verb, ID]);
    expect(out).toMatch(words);
    expect(exitCode).toBe(0);
    await withStore(home, async (store) => {
      expect((await store.findApproval(ID))?.state).toBe(state);
      expect((await store.listWaiting()).map(({ text }) => text)).toEqual([expect.stringContaining(notice)]);
    });
  });

  it('refuses to answer twice, and takes back what was always allowed', async () => {
    await using home = await createAskingHome();
    await home.run(['approvals', 'always', ID]);
    const again = await home.run(['approvals', 'deny', ID]);
    expect([again.exitCode, again.problems]).toEqual([1, expect.stringMatching(/not open any more.*approvals revoke/)]);
    expect((await home.run(['approvals'])).out).toMatch(/Always allowed:\napr_AAAA {2}x: Bash/);
    expect((await home.run(['approvals', 'revoke', ID])).exitCode).toBe(0);
    expect((await home.run(['approvals'])).out).toBe('(no open questions)\n');
    expect((await home.run(['approvals', 'revoke', ID])).exitCode).toBe(1);
  });

  it('knows no other questions', async () => {
    await using home = await createAskingHome();
    const { exitCode, problems } = await home.run(['approvals', 'allow', 'apr_other']);
    expect([exitCode, problems]).toEqual([2, expect.stringContaining("question 'apr_other' not found")]);
  });

  it('goes to the daemon that runs the agent', async () => {
    await using home = await createAskingHome();
    const asked: ApprovalChanging[] = [];
    await using _daemon = await startDaemon(home, (changing) => {
      asked.push(changing);
      return { kind: 'decided', state: 'allowed' };
    });
    expect((await home.run(['approvals', 'allow', ID])).out).toMatch(/allowed once/);
    expect(asked).toEqual([{ id: 'x', approvalId: ID, change: 'allow' }]);
    // It is the daemon's to write.
    expect((await withStore(home, (store) => store.findApproval(ID)))?.state).toBe('open');
  });

  it('works on the file of an agent that the daemon does not run', async () => {
    await using home = await createAskingHome();
    await using _daemon = await startDaemon(home, () => undefined);
    expect((await home.run(['approvals', 'deny', ID])).exitCode).toBe(0);
    expect((await withStore(home, (store) => store.findApproval(ID)))?.state).toBe('denied');
  });
});
