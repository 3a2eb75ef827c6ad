// Without a terminal: one message there, one answer back.
import type { ChannelPlace } from '@puffo/client';
import type { StoredMessage } from '@puffo/client/sqlite';
import { type EnvelopeId, type Slug, TEXT_CONTENT_TYPE } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import { findNames } from '../messages/find-names.ts';
import { formatMessage } from '../messages/format-message.ts';
import { receiveLive } from '../messages/receive-live.ts';
import { receivePending } from '../messages/receive-pending.ts';
import type { SignedInCall } from '../signed-in/with-signed-in.ts';

const REPLY_TIMEOUT_MS = 60_000;
const GREETING = 'Hello! Who are you, and did this reach you encrypted?';

export interface Exchange {
  readonly agentId: string;
  readonly agentSlug: Slug;
  readonly place: ChannelPlace;
}

/** Prints both. */
export async function exchangeOneMessage(operator: SignedInCall, exchange: Exchange): Promise<void> {
  const { client, call, database, outboxTurn, rows } = operator;
  const { place, agentId, agentSlug } = exchange;
  // What came since the last time is no answer to what is said now.
  await receivePending(operator);
  const live = client.openLive();
  const timeout = AbortSignal.timeout(REPLY_TIMEOUT_MS);
  function close(): void {
    void live.mailbox[Symbol.asyncDispose]();
  }
  for (const signal of [timeout, call.world.stop]) signal.addEventListener('abort', close, { once: true });
  try {
    const envelopeId = await outboxTurn.use(async () => {
      const message = { contentType: TEXT_CONTENT_TYPE, content: GREETING, threadRootId: null };
      const sent = await client.outbox.send({ route: { kind: 'channel', ...place }, ...message });
      await Promise.all([sent.sent, rows.settled(sent.envelopeId)]);
      return sent.envelopeId;
    });
    const own = await database.messages.find(envelopeId);
    if (own !== undefined) await print(operator, own);
    const reply = await findReply(receiveLive(operator, live.mailbox), { agentSlug, place, envelopeId });
    if (reply === undefined) {
      const advice = `see puffo-agent agent logs ${agentId}`;
      throw new CliError(
        'failed',
        `Cannot show an answer: @${agentSlug} gave none in ${REPLY_TIMEOUT_MS / 1000} s; ${advice}`,
      );
    }
    await print(operator, reply);
  } finally {
    for (const signal of [timeout, call.world.stop]) signal.removeEventListener('abort', close);
    await live.mailbox[Symbol.asyncDispose]();
    await live.connection[Symbol.asyncDispose]();
  }
}

interface ExpectedReply {
  readonly agentSlug: Slug;
  readonly place: ChannelPlace;
  readonly envelopeId: EnvelopeId;
}

async function findReply(
  messages: AsyncIterable<StoredMessage>,
  { agentSlug, place, envelopeId }: ExpectedReply,
): Promise<StoredMessage | undefined> {
  for await (const message of messages) {
    const { senderSlug, conversation, threadRootId } = message;
    const isHere = conversation.kind === 'channel' && conversation.channelId === place.channelId;
    const isElsewhere = threadRootId !== null && threadRootId !== envelopeId;
    if (senderSlug === agentSlug && isHere && !isElsewhere) return message;
  }
  return undefined;
}

async function print({ call, client }: SignedInCall, message: StoredMessage): Promise<void> {
  const { terminal, world } = call;
  const names = await findNames(client.directory, [message.senderSlug]);
  const style = { names, paint: terminal.paint, now: world.now(), ownSlug: client.slug };
  terminal.print('');
  for (const line of formatMessage(message, style)) terminal.print(line);
}
