import type { StoredMessage } from '@puffo/client/sqlite';
import type { CommandDefinition } from '../command.ts';
import { findNames } from '../messages/find-names.ts';
import { formatMessage } from '../messages/format-message.ts';
import { noteOf, notLetIn, receiveLive, reportConnection } from '../messages/receive-live.ts';
import { messageJson } from '../messages/shown-message.ts';
import { formatJson } from '../output/format-json.ts';
import { findConversation, isSameConversation, labelOf } from '../signed-in/conversation.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';

export const tailCommand: CommandDefinition = {
  name: 'tail',
  summary: 'print messages as they come, until Ctrl-C',
  arguments: [{ name: 'conversation', help: 'a channel, or @slug; otherwise all of them', isOptional: true }],
  notes: ['Begins with what came since the last time. With --json it prints one object per line.'],
  examples: ['tail', 'tail tomatoes', 'tail @bob-1a2b --json'],
  isLive: true,
  run: signedIn(tail),
};

async function tail(signedInCall: SignedInCall): Promise<undefined> {
  const { call, client, places } = signedInCall;
  const { stop } = call.world;
  const named = call.findArgument('conversation');
  const only = named === undefined ? undefined : await findConversation(places, named);
  if (stop.aborted) return;
  const live = client.openLive();
  function close(): void {
    void live.mailbox[Symbol.asyncDispose]();
  }
  stop.addEventListener('abort', close, { once: true });
  const stopReporting = reportConnection(live.connection, noteOf(call.terminal));
  try {
    for await (const message of receiveLive(signedInCall, live.mailbox)) {
      if (only === undefined || isSameConversation(only, message.conversation)) {
        await print(message, signedInCall);
      }
    }
    if (!stop.aborted) throw notLetIn();
  } finally {
    stopReporting();
    stop.removeEventListener('abort', close);
    await live.mailbox[Symbol.asyncDispose]();
    await live.connection[Symbol.asyncDispose]();
  }
}

async function print(message: StoredMessage, { call, client, places }: SignedInCall): Promise<void> {
  const { terminal, globals, world } = call;
  const names = await findNames(client.directory, [message.senderSlug]);
  if (globals.isJson) {
    terminal.print(formatJson(messageJson(message, names)));
    return;
  }
  const place = labelOf(message.conversation, await places.listPlaces());
  const style = { names, paint: terminal.paint, now: world.now(), ownSlug: client.slug, place };
  for (const line of formatMessage(message, style)) terminal.print(line);
}
