// Which kinds, providers and harnesses go together, wherever somebody chooses them. spec: runtimes 1, 12.1
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { type AgentCreation, createAgent } from '../../src/operations/create-agent.ts';
import { setRuntime } from '../../src/operations/set-runtime.ts';
import { pauseAgent } from '../../src/operations/set-state.ts';
import { showAgent } from '../../src/operations/show-agent.ts';
import { makeTemporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';

type Triple = readonly [kind: string, provider: string, harness: string];

const KINDS = ['chat-local', 'sdk-local', 'cli-local', 'cli-docker'];
const REFUSED: readonly (readonly [...Triple, reason: RegExp])[] = [
  ['cli-sandbox', '', '', /reserved/],
  ['foo', '', '', /unknown runtime kind 'foo'; valid kinds: chat-local, cli-docker, cli-local, sdk-local/],
  ['cli-local', '', 'nothing', /unknown harness 'nothing'; valid harnesses:/],
  ['cli-local', 'google', 'claude-code', /'claude-code' cannot use provider 'google'; it supports: anthropic/],
  ['cli-local', 'anthropic', 'gemini-cli', /'gemini-cli' cannot use provider 'anthropic'; it supports: google/],
  ['cli-local', 'google', 'hermes', /'hermes' cannot use provider 'google'; it supports: anthropic, openai/],
];

describe('a runtime', () => {
  test.each(KINDS)('runtimes 1: %s with nothing else said can be chosen and loads', async (kind) => {
    await using home = await makeTemporaryHome();
    await createAgent(home.context(), creationOf([kind, '', '']));
    expect(await showAgent(home.context(), { id: 'x' })).toMatchObject({ problem: undefined, runtime: { kind } });
  });

  test.each(REFUSED)(
    'runtimes 2, 4, 6: %s with provider "%s" and harness "%s" is refused alike by create, runtime and the file',
    async (kind, provider, harness, reason) => {
      await using home = await makeTemporaryHome();
      const context = home.context();
      await expect(createAgent(context, creationOf([kind, provider, harness]))).rejects.toThrow(reason);
      await createAgent(context, creationOf(['chat-local', '', '']));
      await expect(setRuntime(context, { id: 'x', changes: { kind, provider, harness } })).rejects.toThrow(reason);
      await writeAgentFile(home, `runtime:\n  kind: ${kind}\n  provider: "${provider}"\n  harness: "${harness}"\n`);
      expect((await showAgent(context, { id: 'x' })).problem).toMatch(reason);
    },
  );

  test('runtimes 3: of chat-local takes any text for a harness', async () => {
    await using home = await makeTemporaryHome();
    await writeAgentFile(home, 'runtime:\n  kind: chat-local\n  harness: whatever\n');
    expect(await showAgent(home.context(), { id: 'x' })).toMatchObject({
      problem: undefined,
      runtime: { harness: 'whatever' },
    });
  });

  test.each([
    ['chat-only', 'chat-local'],
    ['sdk', 'sdk-local'],
  ])('runtimes 5: %s loads as %s with one warning, and is saved under the new name', async (before, after) => {
    await using home = await makeTemporaryHome();
    await writeAgentFile(home, `runtime:\n  kind: ${before}\n`);
    expect(await showAgent(home.context(), { id: 'x' })).toMatchObject({
      runtime: { kind: after },
      problem: undefined,
    });
    expect(home.warnings.filter((warning) => warning.includes(before) && warning.includes(after))).toHaveLength(1);
    await pauseAgent(home.context(), { id: 'x' });
    expect(await readAgentFile(home)).toContain(`kind: ${after}`);
  });

  test.each(['cli-local', 'cli-docker'])('runtimes 7: %s of google without a harness is gemini-cli', async (kind) => {
    await using home = await makeTemporaryHome();
    await writeAgentFile(home, `runtime:\n  kind: ${kind}\n  provider: google\n`);
    expect((await showAgent(home.context(), { id: 'x' })).runtime.harness).toBe('gemini-cli');
  });

  test('runtimes 8: with fields of a later version loads, and keeps them when it is saved', async () => {
    await using home = await makeTemporaryHome();
    const later = '  reasoning_effort: high\n  pool:\n    size: 3\n';
    await writeAgentFile(home, `runtime:\n  kind: cli-local\n${later}`);
    await setRuntime(home.context(), { id: 'x', changes: { model: 'another' } });
    expect(await readAgentFile(home)).toContain(later);
  });
});

function creationOf([kind, provider, harness]: Triple): AgentCreation {
  const triggers = { onMention: true, onDm: true, onChannel: false };
  const chosen = harness === '' ? {} : { harness };
  return { id: 'x', kind, provider, model: '', apiKey: '', baseUrl: '', ...triggers, ...chosen };
}

async function writeAgentFile({ home }: TemporaryHome, text: string): Promise<void> {
  await mkdir(home.agent('x').folder, { recursive: true });
  await writeFile(home.agent('x').agentFile, `state: running\n${text}`);
}

function readAgentFile({ home }: TemporaryHome): Promise<string> {
  return readFile(home.agent('x').agentFile, 'utf8');
}
