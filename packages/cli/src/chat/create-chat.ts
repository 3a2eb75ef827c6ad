// What happens in a conversation that is open: saying, showing, telling.
import type { OutgoingMessage } from '@puffo/client';
import type { Conversation, StoredMessage } from '@puffo/client/sqlite';
import type { EnvelopeId } from '@puffo/protocol';
import { explainFailure } from '../explain-failure.ts';
import { findNames } from '../messages/find-names.ts';
import { formatMessage } from '../messages/format-message.ts';
import { noteOf } from '../messages/receive-live.ts';
import { messageJson, type ShownMessage } from '../messages/shown-message.ts';
import { within } from '../messages/within.ts';
import { formatJson } from '../output/format-json.ts';
import { routeOf } from '../signed-in/conversation.ts';
import type { SignedInCall } from '../signed-in/with-signed-in.ts';
import type { ChatScreen } from './chat-screen.ts';

/** How long the end waits for what was just said. */
const PATIENCE_MS = 30_000;

export interface ChatOptions {
  readonly conversation: Conversation;
  readonly screen: ChatScreen;
}

export interface Chat extends ChatOptions {
  readonly signedInCall: SignedInCall;
  readonly show: (message: ShownMessage) => Promise<void>;
  readonly tell: (sentence: string) => void;
  /** Resolves when it is recorded; what becomes of it is told later. */
  readonly say: (message: Saying) => Promise<void>;
  /** What happens beside the conversation: its failure is told, and the end waits for it. */
  readonly follow: (work: Promise<unknown>) => void;
  /** Resolves when everything that was said is sent, or after a while. */
  readonly settle: () => Promise<void>;
}

interface Saying {
  readonly contentType: string;
  readonly content: StoredMessage['content'];
  readonly threadRootId: EnvelopeId | null;
}

export function createChat(signedInCall: SignedInCall, { conversation, screen }: ChatOptions): Chat {
  const { client, call } = signedInCall;
  const { terminal, globals, world } = call;
  const unsent = new Set<Promise<void>>();
  const isDumb = world.stdout.isTTY !== true;

  async function show(message: ShownMessage): Promise<void> {
    const names = await findNames(client.directory, [message.senderSlug]);
    const style = { names, paint: terminal.paint, now: world.now(), ownSlug: client.slug };
    screen.show(globals.isJson ? [formatJson(messageJson(message, names))] : formatMessage(message, style));
  }

  /** At a terminal above the line that is being typed; else beside the messages. */
  function tell(sentence: string): void {
    if (isDumb || globals.isJson) noteOf(terminal)(sentence);
    else screen.show([terminal.paint.dim(sentence)]);
  }

  function follow(work: Promise<unknown>): void {
    const settled = work.then(
      () => undefined,
      (error: unknown) => tell(explainFailure(error).text),
    );
    unsent.add(settled);
    void settled.finally(() => unsent.delete(settled));
  }

  return {
    signedInCall,
    conversation,
    screen,
    show,
    tell,
    follow,
    async say({ contentType, content, threadRootId }) {
      const outgoing = { route: routeOf(conversation), contentType, content, threadRootId };
      const said = await record(signedInCall, outgoing);
      follow(said.sent);
      const message = { envelopeId: said.envelopeId, conversation, senderSlug: client.slug, sentAt: world.now() };
      await show({ ...message, threadRootId, contentType, content });
    },
    async settle() {
      const settled = await within(Promise.all(unsent), PATIENCE_MS);
      if (settled.kind === 'late') tell('Not everything is sent yet: it is kept, and goes with the next send or chat.');
    },
  };
}

/** `sent` lasts until the turn is over, in which nobody else sends what is under way. */
async function record(
  { client, rows, outboxTurn }: SignedInCall,
  outgoing: OutgoingMessage,
): Promise<{ readonly envelopeId: EnvelopeId; readonly sent: Promise<unknown> }> {
  return new Promise((resolve, reject) => {
    const turn = outboxTurn.use(async () => {
      const { envelopeId, sent } = await client.outbox.send(outgoing);
      const settled = Promise.all([sent, rows.settled(envelopeId)]);
      resolve({ envelopeId, sent: settled });
      await Promise.allSettled([settled]);
    });
    turn.catch(reject);
  });
}
