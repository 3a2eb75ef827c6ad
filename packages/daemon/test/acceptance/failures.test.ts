// What becomes of a message when the provider of the model fails. spec: runtimes 2.8, 12.2
import { replies, waitFor } from '@puffo/testbed';
import { expect, test } from 'vitest';
import { startProviderWorld } from '../provider/provider-world.ts';
import { ask, textsTo } from './kit.ts';

const BUSY = replies.error('rate_limit', { message: 'API Error: 429, slow down' });

test('runtimes 18: three times 429 and then an answer are one answer to one question', async () => {
  // The server refuses clocks that differ too much from its own: time passes from before to after.
  await using world = await startProviderWorld({ kind: 'anthropic', clockOffset: -200_000 });
  await world.start();
  world.provider.script([BUSY, BUSY, BUSY, 'here I am']);
  const { envelopeId } = await world.ask('what is the plan?');
  for (const attempts of [1, 2, 3]) {
    await waitFor(async () => (await world.entryOf(envelopeId)).attempts === attempts, `attempt ${attempts}`);
    await world.passUntilDue(envelopeId);
  }
  await waitFor(() => world.answers().length === 1, 'the answer');
  await waitFor(async () => (await world.entryOf(envelopeId)).state === 'answered', 'the message to be answered');
  expect(world.answers()).toEqual(['here I am']);
  expect(world.provider.requests).toHaveLength(4);
  world.provider.respond(() => 'still here');
  await world.ask('and now?');
  await waitFor(() => world.answers().length === 2, 'the second answer');
  const texts =
    world.provider
      .calls('anthropic')
      .at(-1)
      ?.messages.map(({ text }) => text) ?? [];
  expect(texts.filter((text) => text.includes('what is the plan?'))).toHaveLength(1);
  expect(texts.filter((text) => text.includes('here I am'))).toHaveLength(1);
});

test('runtimes 19: a provider that fails for ever is asked four times, and holds nobody else up', async () => {
  await using world = await startProviderWorld({ kind: 'anthropic', clockOffset: -200_000 });
  await world.start();
  const failing = () => replies.error('server_error', {});
  world.provider.respond(failing);
  const { envelopeId } = await world.ask('what is the plan?');
  await waitFor(async () => (await world.entryOf(envelopeId)).attempts === 1, 'the first attempt');
  world.provider.respond(() => 'here I am');
  await ask(world.worker, 'and what is the weather?');
  await waitFor(() => textsTo(world.worker.alice, world.worker).length === 1, 'the answer to the other message');
  world.provider.respond(failing);
  for (const attempts of [1, 2, 3]) {
    await waitFor(async () => (await world.entryOf(envelopeId)).attempts === attempts, `attempt ${attempts}`);
    await world.passUntilDue(envelopeId);
  }
  await waitFor(() => world.worker.keeper.facts.health === 'api_error_abandoned', 'the health to say so');
  await waitFor(() => world.answers().length === 1, 'the notice');
  expect(await world.entryOf(envelopeId)).toMatchObject({ state: 'failed' });
  expect(world.provider.requests).toHaveLength(5);
});
