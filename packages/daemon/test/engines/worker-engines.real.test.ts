// Whole agents on the real programs: a person writes, the program calls our tools, and the answer arrives in a real channel. The
// model behind it is a fake provider on loopback. `PUFFO_ENGINE_CLIS` names a folder with `node_modules` of the programs.
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger, systemRandom } from '@puffo/base';
import { replies, startFakeProvider, waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { startToolEndpoint } from '../../src/tools/endpoint/start-tool-endpoint.ts';
import { openAgentEngine } from '../../src/worker/open-agent-engine.ts';
import { startWorkerWorld } from '../worker/worker-world.ts';

// oxlint-disable-next-line node/no-process-env -- what the one who runs the tests says
const { PATH = '', PUFFO_ENGINE_CLIS = '' } = process.env;
const TEST_MS = 180_000;

interface RealProgram {
  readonly harness: string;
  readonly provider: 'anthropic' | 'openai' | 'google';
  readonly variable: string;
  /** Below `node_modules`, the best first. */
  readonly paths: readonly string[];
  readonly model: string;
  readonly toolName: string;
}

const PROGRAMS: readonly RealProgram[] = [
  {
    harness: 'claude-code',
    provider: 'anthropic',
    variable: 'PUFFO_CLAUDE_BIN',
    paths: ['@anthropic-ai/claude-code-linux-x64/claude', '.bin/claude'],
    model: 'claude-sonnet-4-6',
    toolName: 'mcp__puffo__send_message',
  },
  {
    harness: 'codex',
    provider: 'openai',
    variable: 'PUFFO_CODEX_BIN',
    paths: ['.bin/codex'],
    model: '',
    toolName: 'mcp__puffo__send_message',
  },
  {
    harness: 'gemini-cli',
    provider: 'google',
    variable: 'PUFFO_GEMINI_BIN',
    paths: ['.bin/gemini'],
    model: 'gemini-2.5-flash',
    toolName: 'mcp_puffo_send_message',
  },
];

function findProgram({ paths }: RealProgram): string | undefined {
  return paths.map((path) => join(PUFFO_ENGINE_CLIS, 'node_modules', path)).find((path) => existsSync(path));
}

describe.each(PROGRAMS)('an agent on $harness', { timeout: TEST_MS }, (program) => {
  test('runtimes 35, 63, 66, mcp-tools 7, 52: posts into a real channel with its tool, and goes on with its session after a restart', async ({
    skip,
  }) => {
    const path = PUFFO_ENGINE_CLIS === '' ? undefined : findProgram(program);
    if (path === undefined) return skip(`${program.harness} is not below PUFFO_ENGINE_CLIS`);
    await using provider = await startFakeProvider();
    await using endpoint = await startToolEndpoint({
      bindHost: '127.0.0.1',
      random: systemRandom,
      logger: silentLogger,
    });
    await using world = await startWorkerWorld({
      openEngine: openAgentEngine,
      // The program may not act freely for root otherwise: a test runs in a container of its own.
      environment: { PATH, [program.variable]: path },
      toolEndpoint: endpoint,
    });
    const { runtime } = world.config();
    const baseUrl = provider.baseUrls[program.provider];
    const cli = {
      kind: 'cli-local',
      harness: program.harness,
      provider: program.provider,
      model: program.model,
    } as const;
    // What it would ask about is never done here, and our own tools ask nothing.
    const settings = { ...runtime, ...cli, baseUrl, apiKey: 'test-key-0123456789', permissionMode: 'acceptEdits' };
    const input = { channel: world.channel.channelId, text: `posted by ${program.harness}` };
    provider.script([replies.toolCall({ name: program.toolName, input }), 'Done.']);
    await world.start({ runtime: settings });
    await world.alice.say(world.channel, `@${world.agentKeys.slug} please post`);
    await waitFor(() => textsOf(world).includes(input.text), 'the post', { timeoutMs: TEST_MS });
    await waitFor(() => world.keeper.facts.msgCount === 1, 'the end of the turn', { timeoutMs: TEST_MS });
    await world.stop();
    provider.script(['I remember.']);
    await world.start({ runtime: settings });
    await world.alice.say(world.channel, `@${world.agentKeys.slug} do you remember?`);
    // Written instead of sent: posted all the same, because somebody asked.
    await waitFor(() => textsOf(world).includes('I remember.'), 'the answer', { timeoutMs: TEST_MS });
    // What it wrote beside its send was not said.
    expect(textsOf(world)).toEqual([input.text, 'I remember.']);
    const last = provider.requests.at(-1);
    expect(JSON.stringify(last)).toContain('please post');
    await world.stop();
    expect(await world.states()).toEqual({ answered: 2 });
  });
});

function textsOf({ alice, agentKeys }: Awaited<ReturnType<typeof startWorkerWorld>>): readonly string[] {
  return alice.inbox.messages.flatMap(({ senderSlug, content }) =>
    senderSlug === agentKeys.slug && typeof content === 'string' ? [content] : [],
  );
}

test(
  'an agent on the Claude Agent SDK posts into a real channel with its tool',
  { timeout: TEST_MS },
  async ({ skip }) => {
    const sdk = join(PUFFO_ENGINE_CLIS, 'node_modules', '@anthropic-ai', 'claude-agent-sdk');
    if (PUFFO_ENGINE_CLIS === '' || !existsSync(sdk)) return skip('the SDK is not below PUFFO_ENGINE_CLIS');
    await using provider = await startFakeProvider();
    await using world = await startWorkerWorld({ openEngine: openAgentEngine, environment: { PATH } });
    await mkdir(world.home.folder, { recursive: true });
    await symlink(PUFFO_ENGINE_CLIS, join(world.home.folder, 'sdk'));
    const { runtime } = world.config();
    const input = { channel: world.channel.channelId, text: 'posted by the SDK' };
    provider.script([replies.toolCall({ name: 'mcp__puffo__send_message', input }), 'Done.']);
    const baseUrl = provider.baseUrls.anthropic;
    await world.start({ runtime: { ...runtime, kind: 'sdk-local', baseUrl, apiKey: 'test-key-0123456789' } });
    await world.alice.say(world.channel, `@${world.agentKeys.slug} please post`);
    await waitFor(() => textsOf(world).includes(input.text), 'the post', { timeoutMs: TEST_MS });
    await waitFor(() => world.keeper.facts.msgCount === 1, 'the end of the turn', { timeoutMs: TEST_MS });
    await world.stop();
    expect(await world.states()).toEqual({ answered: 1 });
  },
);
