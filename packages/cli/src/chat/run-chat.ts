// One conversation, read and written at the same time, until the person or the server ends it.
import type { Conversation, StoredMessage } from '@puffo/client/sqlite';
import { TEXT_CONTENT_TYPE } from '@puffo/protocol';
import { readFiles } from '../commands/read-files.ts';
import { explainFailure } from '../explain-failure.ts';
import { findThreadRoot } from '../messages/find-thread.ts';
import { notLetIn, receiveLive, reportConnection } from '../messages/receive-live.ts';
import { receivePending } from '../messages/receive-pending.ts';
import { resumeOutbox } from '../messages/resume-outbox.ts';
import { isSameConversation, labelOf } from '../signed-in/conversation.ts';
import type { SignedInCall } from '../signed-in/with-signed-in.ts';
import { createChatScreen } from './chat-screen.ts';
import { findAgents, listReaders } from './conversation-members.ts';
import { type Chat, createChat } from './create-chat.ts';
import { CHAT_HELP, type ChatLine, readChatLine } from './read-line.ts';
import { watchAgents } from './watch-agents.ts';

const HISTORY = 20;

export async function runChat(signedInCall: SignedInCall, conversation: Conversation): Promise<void> {
  const { client, call, database } = signedInCall;
  await receivePending(signedInCall);
  using screen = createChatScreen(call.world);
  const chat = createChat(signedInCall, { conversation, screen });
  for (const message of await database.messages.list({ conversation, limit: HISTORY })) await chat.show(message);
  const live = client.openLive();
  const ending = new AbortController();
  const stopReporting = reportConnection(live.connection, chat.tell);
  const receiving = receive(chat, receiveLive(signedInCall, live.mailbox));
  const watching = watch(chat, ending.signal);
  chat.follow(signedInCall.outboxTurn.use(() => resumeOutbox(signedInCall)));
  try {
    await Promise.race([typing(chat), endsTooSoon(receiving, call.world.stop), failsOnly(watching)]);
    await chat.settle();
  } finally {
    ending.abort();
    stopReporting();
    await live.mailbox[Symbol.asyncDispose]();
    await live.connection[Symbol.asyncDispose]();
    await Promise.allSettled([receiving, watching]);
  }
}

async function typing(chat: Chat): Promise<void> {
  for await (const line of chat.screen.lines) {
    const meant = readChatLine(line);
    if (meant.kind === 'quit') return;
    try {
      await act(chat, meant);
    } catch (error) {
      const { text, isDefect } = explainFailure(error);
      if (isDefect) throw error;
      chat.tell(text);
    }
  }
}

async function act(chat: Chat, line: ChatLine): Promise<void> {
  const { screen, signedInCall, conversation } = chat;
  switch (line.kind) {
    case 'nothing':
    case 'quit':
      return;
    case 'help':
      screen.show(CHAT_HELP);
      return;
    case 'mistake':
      chat.tell(line.problem);
      return;
    case 'who':
      screen.show(await listReaders(signedInCall, conversation));
      return;
    case 'file': {
      const files = await readFiles([line.path]);
      const { attachments, call } = signedInCall;
      const message = await attachments.prepareMessage({ text: '', files }, { signal: call.world.stop });
      await chat.say({ ...message, threadRootId: null });
      return;
    }
    case 'say': {
      const { messages } = signedInCall.database;
      const { text: content, thread } = line;
      const threadRootId = thread === null ? null : await findThreadRoot(thread, { messages, conversation });
      await chat.say({ contentType: TEXT_CONTENT_TYPE, content, threadRootId });
    }
  }
}

async function receive(chat: Chat, messages: AsyncIterable<StoredMessage>): Promise<void> {
  const { conversation } = chat;
  for await (const message of messages) {
    if (isSameConversation(conversation, message.conversation)) await chat.show(message);
    else if (!message.isOwn) await mention(chat, message);
  }
}

/** Somebody writes elsewhere: one line, not what they say. */
async function mention(chat: Chat, { senderSlug, conversation }: StoredMessage): Promise<void> {
  const where =
    conversation.kind === 'dm' ? 'to you' : `in ${labelOf(conversation, await chat.signedInCall.places.listPlaces())}`;
  chat.tell(`@${senderSlug} writes ${where}`);
}

async function watch(chat: Chat, signal: AbortSignal): Promise<void> {
  const { signedInCall, conversation, screen } = chat;
  const { client, call } = signedInCall;
  // Away from a terminal nobody sees it.
  if (call.world.stdout.isTTY !== true) return;
  const agents = await findAgents(signedInCall, conversation);
  await watchAgents(client, { agents, paint: call.terminal.paint, show: screen.setStatus, signal });
}

async function endsTooSoon(receiving: Promise<void>, stop: AbortSignal): Promise<void> {
  await receiving;
  if (!stop.aborted) throw notLetIn();
}

/** For a race that it must not win by ending well. */
async function failsOnly(work: Promise<void>): Promise<never> {
  await work;
  return new Promise<never>(() => undefined);
}
