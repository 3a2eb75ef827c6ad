import type { FileToUpload, SentMessage } from '@puffo/client';
import { type EnvelopeId, LIMITS, type Route, TEXT_CONTENT_TYPE } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import type { CommandDefinition, Outcome } from '../command.ts';
import { readAllText } from '../input/read-all-text.ts';
import { findThreadRoot } from '../messages/find-thread.ts';
import { resumeOutbox } from '../messages/resume-outbox.ts';
import { within } from '../messages/within.ts';
import { findConversation, routeOf } from '../signed-in/conversation.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';
import { readFiles } from './read-files.ts';

/** Sealed and encoded it grows by a third, and there is an entry for each device. */
const MAX_TEXT_BYTES = LIMITS.messageBodyBytes / 2;
/** How long somebody waits at a terminal. The message is kept, and goes with a later command. */
const PATIENCE_MS = 30_000;
const PATIENCE_FOR_OLDER_MS = 5_000;

export const sendCommand: CommandDefinition = {
  name: 'send',
  summary: 'send a message',
  arguments: [
    { name: 'conversation', help: 'a channel, or @slug for a direct message' },
    { name: 'text', help: 'what to say; - reads it from standard input' },
  ],
  options: [
    { flag: 'file', value: 'path', help: `a file to go with it, up to ${LIMITS.filesPerMessage}`, isRepeatable: true },
    { flag: 'thread', value: 'message-id', help: 'answer in the thread of this message' },
  ],
  notes: ['A text that begins with a dash goes after --: puffo-cli send tomatoes -- "-5 degrees tonight"'],
  examples: [
    'send tomatoes "Who has seeds?"',
    'send @bob-1a2b "Look at this" --file plan.pdf --file photo.jpg',
    'send tomatoes "I do" --thread msg_0e37df36-f698-41e6-9dbb-12d92ee4a0f8',
    'send tomatoes -',
  ],
  run: signedIn(send),
};

async function send(signedInCall: SignedInCall): Promise<Outcome> {
  const { call, places, database } = signedInCall;
  const thread = call.option('thread');
  const given = call.argument('text');
  const text = given === '-' ? await readAllText(call.world.stdin, MAX_TEXT_BYTES) : given;
  const files = await readFiles(call.options('file'));
  if (text === '' && files.length === 0) throw new CliError('usage', 'Cannot send nothing: give a text or --file');
  const conversation = await findConversation(places, call.argument('conversation'));
  const { messages } = database;
  const threadRootId = thread === undefined ? null : await findThreadRoot(thread, { messages, conversation });
  const { envelopeId } = await sendMessage(signedInCall, { route: routeOf(conversation), text, files, threadRootId });
  return { json: { id: envelopeId }, lines: [`Sent ${envelopeId}.`] };
}

interface MessageToSend {
  readonly route: Route;
  readonly text: string;
  readonly files: readonly FileToUpload[];
  readonly threadRootId: EnvelopeId | null;
}

/** Resolves when the server has it, or when nobody should wait any longer. */
async function sendMessage(
  signedInCall: SignedInCall,
  message: MessageToSend,
): Promise<Pick<SentMessage, 'envelopeId'>> {
  const { client, attachments, call, outboxTurn, rows } = signedInCall;
  const { route, text, files, threadRootId } = message;
  const content =
    files.length === 0
      ? { contentType: TEXT_CONTENT_TYPE, content: text }
      : await attachments.prepareMessage({ text, files }, { signal: call.world.stop });
  return outboxTurn.use(async () => {
    try {
      // Beside this one: an older message that still cannot be sent does not hold it up.
      const resuming = resumeOutbox(signedInCall);
      const { envelopeId, sent } = await client.outbox.send({ route, ...content, threadRootId });
      const own = await within(Promise.all([sent, rows.settled(envelopeId)]), PATIENCE_MS);
      await within(resuming, PATIENCE_FOR_OLDER_MS);
      if (own.kind === 'done') return { envelopeId };
      const advice = 'it is kept, and goes with the next send or chat';
      throw new CliError('unreachable', `Cannot send ${envelopeId} now: the server does not take it; ${advice}`);
    } finally {
      // Whatever is still under way ends with this turn: the next one to have it begins anew.
      await client.outbox[Symbol.asyncDispose]();
    }
  });
}
