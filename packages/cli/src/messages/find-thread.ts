// The thread that an answer belongs to. spec: wire-protocol 6.8
import { resolveThreadRoot } from '@puffo/client';
import type { Conversation, MessageStore } from '@puffo/client/sqlite';
import { type EnvelopeId, isEnvelopeId } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import { isSameConversation } from '../signed-in/conversation.ts';

export interface ThreadQuestion {
  readonly messages: Pick<MessageStore, 'find'>;
  readonly conversation: Conversation;
}

/** A message that this device has not seen is taken for the root: it may be older than the device. */
export async function findThreadRoot(text: string, { messages, conversation }: ThreadQuestion): Promise<EnvelopeId> {
  if (!isEnvelopeId(text)) {
    throw new CliError(
      'usage',
      'Cannot answer in that thread: a message id is msg_ and a UUID, as puffo-cli read prints it',
    );
  }
  const answered = await messages.find(text);
  if (answered === undefined) return text;
  if (isSameConversation(answered.conversation, conversation)) return resolveThreadRoot(answered);
  throw new CliError('failed', `Cannot answer ${text} here: it was said in another conversation, name that one`);
}
