import { CliError } from '../cli-error.ts';
import type { Call, CommandDefinition, Outcome } from '../command.ts';
import { findNames } from '../messages/find-names.ts';
import { formatMessage } from '../messages/format-message.ts';
import { receivePending } from '../messages/receive-pending.ts';
import { messageJson } from '../messages/shown-message.ts';
import { findConversation } from '../signed-in/conversation.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 500;

export const readCommand: CommandDefinition = {
  name: 'read',
  summary: 'show the last messages of a conversation',
  arguments: [{ name: 'conversation', help: 'a channel, or @slug for direct messages' }],
  options: [{ flag: 'limit', value: 'count', help: `how many, ${DEFAULT_LIMIT} if not given` }],
  examples: ['read tomatoes', 'read "Garden club/tomatoes" --limit 100', 'read @bob-1a2b --json'],
  run: signedIn(read),
};

async function read(signedInCall: SignedInCall): Promise<Outcome> {
  const { call, client, database, places } = signedInCall;
  const limit = readLimit(call);
  const conversation = await findConversation(places, call.argument('conversation'));
  await receivePending(signedInCall);
  const messages = await database.messages.list({ conversation, limit });
  const names = await findNames(
    client.directory,
    messages.map(({ senderSlug }) => senderSlug),
  );
  const style = { names, paint: call.terminal.paint, now: call.world.now(), ownSlug: client.slug };
  return {
    json: messages.map((message) => messageJson(message, names)),
    lines: messages.length === 0 ? ['No messages yet.'] : messages.flatMap((message) => formatMessage(message, style)),
  };
}

function readLimit(call: Call): number {
  const text = call.option('limit') ?? String(DEFAULT_LIMIT);
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new CliError('usage', `Cannot use --limit: it is a whole number from 1 to ${MAX_LIMIT}`);
}
