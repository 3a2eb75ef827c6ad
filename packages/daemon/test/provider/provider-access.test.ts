// Which key an agent uses, and what its model remembers. spec: runtimes 3.5, daemon-and-cli D-26, issue 5
import { readDaemonConfig } from '@puffo/agent/config';
import { waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { AGENT_KEY, type ProviderWorldOptions, startProviderWorld } from './provider-world.ts';

const { config } = readDaemonConfig(undefined);
const daemon = {
  ...config,
  providers: { ...config.providers, google: { apiKey: 'key-of-the-daemon', model: 'model-of-the-daemon' } },
};
const environment = { GEMINI_API_KEY: 'key-of-the-environment', ANTHROPIC_API_KEY: 'key-of-somebody-else' };

describe('an agent', () => {
  test.each<readonly [string, Partial<ProviderWorldOptions>, string, string]>([
    ['its own before all others', { daemon, environment }, AGENT_KEY, 'model-1'],
    [
      'that of the daemon when it has none',
      { daemon, environment, runtime: { apiKey: '', model: '' } },
      'key-of-the-daemon',
      'model-of-the-daemon',
    ],
    [
      'that of the environment when nothing is configured',
      { environment, runtime: { apiKey: '' } },
      'key-of-the-environment',
      'model-1',
    ],
  ])('runtimes 25, 28: uses %s', async (_name, options, key, model) => {
    await using world = await startProviderWorld({ kind: 'google', ...options });
    await world.start();
    world.provider.respond(() => 'here I am');
    await world.ask('a question');
    await waitFor(() => world.answers().length === 1, 'the answer');
    expect(world.provider.calls('google')).toMatchObject([{ credential: { value: key }, model }]);
    expect(await world.everythingSaid()).not.toMatch(/key-of/);
  });

  test('runtimes 25: without any key says which three places there are for one', async () => {
    await using world = await startProviderWorld({ kind: 'google', runtime: { apiKey: '' } });
    await expect(world.start()).rejects.toThrow(/agent runtime.*--api-key.*puffo-agent config.*GEMINI_API_KEY/);
  });

  test('answers what waited for a key when it starts with another one', async () => {
    await using world = await startProviderWorld({ kind: 'google' });
    await world.start();
    world.provider.respond(({ credential }) =>
      credential?.value === AGENT_KEY ? { kind: 'error', error: 'authentication' } : 'here I am',
    );
    await world.ask('a question');
    await waitFor(() => world.answers().length === 1, 'the notice');
    await world.worker.stop();
    await world.start({ apiKey: 'another-key' });
    await waitFor(() => world.answers().includes('here I am'), 'the answer');
    expect(world.answers()).toHaveLength(2);
  });

  test('remembers the conversation when it starts again', async () => {
    await using world = await startProviderWorld({ kind: 'anthropic' });
    await world.start();
    world.provider.script(['Hello Bob.', 'Your name is Bob.']);
    await world.ask('My name is Bob.');
    await waitFor(() => world.answers().length === 1, 'the first answer');
    await world.worker.stop();
    await world.start();
    await world.ask('What is my name?');
    await waitFor(() => world.answers().length === 2, 'the second answer');
    const [, second] = world.provider.calls('anthropic');
    expect(second?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(second?.messages[0]?.text).toContain('My name is Bob.');
    expect(second?.messages[1]?.text).toBe('Hello Bob.');
    expect(second?.messages[2]?.text).toContain('What is my name?');
  });
});
