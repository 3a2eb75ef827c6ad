// A skill that an agent installs, in the real programs: the model is told of it in the next turn. `PUFFO_ENGINE_CLIS` names a
// folder with `node_modules` of the programs. spec: mcp-tools 7.3
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger, systemRandom } from '@puffo/base';
import { replies, startFakeProvider, waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { startToolEndpoint } from '../../src/tools/endpoint/start-tool-endpoint.ts';
import { openAgentEngine } from '../../src/worker/open-agent-engine.ts';
import { startWorkerWorld } from '../worker/worker-world.ts';
import { ask, textsTo } from './kit.ts';

// oxlint-disable-next-line node/no-process-env -- what the one who runs the tests says
const { PATH = '', PUFFO_ENGINE_CLIS = '' } = process.env;
const TEST_MS = 180_000;
const SKILL = { name: 'rose-care', content: 'Waters the roses of the quokka garden. Begin with the red ones.' };

const PROGRAMS = [
  {
    harness: 'claude-code',
    provider: 'anthropic',
    variable: 'PUFFO_CLAUDE_BIN',
    paths: ['@anthropic-ai/claude-code-linux-x64/claude', '.bin/claude'],
    model: 'claude-sonnet-4-6',
    prefix: 'mcp__puffo__',
  },
  {
    harness: 'codex',
    provider: 'openai',
    variable: 'PUFFO_CODEX_BIN',
    paths: ['.bin/codex'],
    model: '',
    prefix: 'mcp__puffo__',
  },
  {
    harness: 'gemini-cli',
    provider: 'google',
    variable: 'PUFFO_GEMINI_BIN',
    paths: ['.bin/gemini'],
    model: 'gemini-2.5-flash',
    prefix: 'mcp_puffo_',
  },
] as const;

describe.each(PROGRAMS)('an agent on $harness', { timeout: TEST_MS }, (program) => {
  const { harness, provider: providerName, variable, paths, model, prefix } = program;

  test('mcp-tools 47: shows a skill that it installs to its model in the next turn', async ({ skip }) => {
    const modules = join(PUFFO_ENGINE_CLIS, 'node_modules');
    const path = paths.map((each) => join(modules, each)).find((each) => existsSync(each));
    if (PUFFO_ENGINE_CLIS === '' || path === undefined) return skip(`${harness} is not below PUFFO_ENGINE_CLIS`);
    await using provider = await startFakeProvider();
    await using endpoint = await startToolEndpoint({
      bindHost: '127.0.0.1',
      random: systemRandom,
      logger: silentLogger,
    });
    const environment = { PATH, [variable]: path };
    await using world = await startWorkerWorld({ openEngine: openAgentEngine, environment, toolEndpoint: endpoint });
    const cli = { kind: 'cli-local', harness, provider: providerName, model, permissionMode: 'acceptEdits' } as const;
    const access = { baseUrl: provider.baseUrls[providerName], apiKey: 'test-key-0123456789' };
    provider.script([
      replies.toolCall({ name: `${prefix}install_skill`, input: SKILL }),
      // What was said is gone: the model can only know of the skill from the program.
      replies.toolCall({ name: `${prefix}refresh`, input: { new_session: true } }),
      'Installed.',
      'I see it.',
    ]);
    await world.start({ runtime: { ...world.config().runtime, ...cli, ...access } });
    await ask(world, 'install it');
    await waitFor(() => textsTo(world.alice, world).includes('Installed.'), 'the first answer', { timeoutMs: TEST_MS });
    await ask(world, 'do you see it?');
    await waitFor(() => textsTo(world.alice, world).includes('I see it.'), 'the second answer', { timeoutMs: TEST_MS });
    const last = JSON.stringify(provider.requests.at(-1));
    expect(last).not.toContain('install it');
    expect(last).toContain('Waters the roses of the quokka garden');
  });
});
