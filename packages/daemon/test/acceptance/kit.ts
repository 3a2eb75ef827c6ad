// What acceptance tests do with an agent: ask it, look at what it said, and read what it left.
import { readFile } from 'node:fs/promises';
import { isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import type { SentMessage } from '@puffo/client';
import type { TestUser } from '@puffo/testbed';
import type { WorkerWorld } from '../worker/worker-world.ts';

export const AGENT_ID = 'helper';

export async function ask(world: WorkerWorld, text: string, from = world.alice): Promise<SentMessage> {
  const route = { kind: 'dm', recipientSlug: world.agentKeys.slug } as const;
  const { sent } = await from.client.outbox.send({ route, contentType: 'text/plain', content: text });
  return sent;
}

/** What the agent said to them; their own words come back, too. */
export function textsTo({ inbox }: TestUser, { agentKeys }: WorkerWorld): readonly string[] {
  return inbox.messages.flatMap(({ senderSlug, content }) =>
    senderSlug === agentKeys.slug && typeof content === 'string' ? [content] : [],
  );
}

export function folderOf({ home }: WorkerWorld): string {
  return home.agent(AGENT_ID).folder;
}

export async function readRecord({ home }: WorkerWorld): Promise<JsonObject> {
  const text = await readFile(home.agent(AGENT_ID).runtimeFile, 'utf8');
  const result = safeParseJson(text, { maxLength: 100_000, maxDepth: 8, integers: 'any' });
  if (result.kind !== 'value' || !isJsonObject(result.value)) throw new Error('runtime.json is no object');
  return result.value;
}
