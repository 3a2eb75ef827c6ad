import { runChat } from '../chat/run-chat.ts';
import type { CommandDefinition } from '../command.ts';
import { findConversation } from '../signed-in/conversation.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';

export const chatCommand: CommandDefinition = {
  name: 'chat',
  summary: 'read and write in one conversation',
  arguments: [{ name: 'conversation', help: 'a channel, or @slug for direct messages' }],
  notes: ['Each line is a message; /help tells what else can be typed. Ctrl-D ends it.'],
  examples: ['chat tomatoes', 'chat @helper-9a7c'],
  isLive: true,
  run: signedIn(chat),
};

async function chat(signedInCall: SignedInCall): Promise<undefined> {
  const conversation = await findConversation(signedInCall.places, signedInCall.call.argument('conversation'));
  await runChat(signedInCall, conversation);
}
