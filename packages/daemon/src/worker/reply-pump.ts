// From replies that are recorded to messages that the server has. A reply stays pending until then: after a crash it is handed to
// the outbox again under its key, and sent once. spec: daemon-and-cli D-3, D-15
import { type Logger, sleep } from '@puffo/base';
import { type Client, ClientError, type OutboxRow } from '@puffo/client';
import type { EnvelopeId, Slug } from '@puffo/protocol';
import type { AgentStore } from '../store/agent-store.ts';
import type { NewHistoryMessage } from '../store/history-message.ts';
import type { HistoryStore } from '../store/history-store.ts';
import type { PendingReply, ReplyResult } from '../store/replies.ts';

export interface ReplyPump extends AsyncDisposable {
  /** Something is pending, or may be. Returns at once. */
  run(): void;
  /** Whether everything that the turn says has reached the server; resolves when that is known. Runs the pump. */
  delivered(turnId: string): Promise<boolean>;
  /** Resolves when everything was sent that is on its way, or after so long. */
  settle(withinMs: number): Promise<void>;
}

export interface ReplyPumpOptions {
  readonly client: Pick<Client, 'outbox' | 'slug'>;
  readonly store: Pick<AgentStore, 'listPendingReplies' | 'settleReply'>;
  readonly history: Pick<HistoryStore, 'add'>;
  readonly logger: Logger;
  /** What fails here is the database of the agent. */
  readonly onFailure: (error: unknown) => void;
}

export function createReplyPump(options: ReplyPumpOptions): ReplyPump {
  const { client, store, history, logger, onFailure } = options;
  const { outbox, slug } = client;
  /** By idempotency key; resolves to whether it was sent. */
  const inFlight = new Map<string, { readonly turnId: string; readonly delivered: Promise<boolean> }>();
  const recording = new Set<Promise<unknown>>();
  let isClosing = false;
  let isDirty = false;
  let pumping: Promise<void> | undefined;

  function track(work: Promise<unknown>): void {
    const settled = work.catch((error: unknown) => {
      if (!isClosing) onFailure(error);
    });
    recording.add(settled);
    void settled.finally(() => recording.delete(settled));
  }

  const stopRecording = outbox.onChange((row) => {
    if (row.state === 'sent') track(history.add([ownMessage(row, slug)]));
  });

  async function send(reply: PendingReply): Promise<boolean> {
    const { idempotencyKey, turnId } = reply;
    const result = await post(reply, options);
    if (isClosing) return false;
    await store.settleReply(idempotencyKey, result);
    if (result.kind === 'sent') logger.info('reply-sent', { turnId, messageId: result.envelopeId });
    else logger.error('reply-failed', { turnId, failure: result.failure });
    return result.kind === 'sent';
  }

  function start(reply: PendingReply): void {
    const { idempotencyKey, turnId } = reply;
    const delivered = send(reply).catch((error: unknown) => {
      if (!isClosing) onFailure(error);
      return false;
    });
    inFlight.set(idempotencyKey, { turnId, delivered });
    void delivered.then(() => {
      inFlight.delete(idempotencyKey);
      // Those behind the first hundred have had to wait.
      run();
    });
  }

  async function startAll(): Promise<void> {
    while (isDirty && !isClosing) {
      isDirty = false;
      const replies = await store.listPendingReplies();
      if (isClosing) return;
      for (const reply of replies) if (!inFlight.has(reply.idempotencyKey)) start(reply);
    }
  }

  async function pump(): Promise<void> {
    isDirty = true;
    pumping ??= startAll().finally(() => {
      pumping = undefined;
    });
    await pumping;
  }

  function run(): void {
    if (!isClosing) track(pump());
  }

  return {
    run,
    async delivered(turnId) {
      await pump();
      const own = [...inFlight.values()].filter((each) => each.turnId === turnId);
      const results = await Promise.all(own.map((each) => each.delivered));
      return results.every(Boolean);
    },
    async settle(withinMs) {
      const timer = new AbortController();
      // It rejects only when it is called off.
      const late = sleep(withinMs, timer.signal).catch(() => undefined);
      await Promise.race([Promise.allSettled([...inFlight.values()].map(({ delivered }) => delivered)), late]);
      timer.abort();
    },
    async [Symbol.asyncDispose]() {
      isClosing = true;
      stopRecording();
      await Promise.allSettled(recording);
    },
  };
}

async function post(reply: PendingReply, { client, history }: ReplyPumpOptions): Promise<ReplyResult> {
  const { outbox, slug } = client;
  try {
    const { envelopeId, sent } = await outbox.send(reply);
    await sent;
    // Also when an earlier run ended before it could.
    await history.add([ownMessage({ ...reply, envelopeId }, slug)]);
    return { kind: 'sent', envelopeId };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return { kind: 'failed', failure: error.apiCode ?? error.code };
  }
}

/** As it stands in the history. */
export function ownMessage(
  row: Pick<OutboxRow, 'route' | 'contentType' | 'content' | 'createdAt' | 'threadRootId' | 'replyToId'> & {
    readonly envelopeId: EnvelopeId;
  },
  ownSlug: Slug,
): NewHistoryMessage {
  const { route } = row;
  return {
    envelopeId: row.envelopeId,
    envelopeKind: route.kind,
    senderSlug: ownSlug,
    channelId: route.kind === 'channel' ? route.channelId : null,
    spaceId: route.kind === 'channel' ? route.spaceId : null,
    recipientSlug: route.kind === 'dm' ? route.recipientSlug : null,
    contentType: row.contentType,
    content: row.content,
    sentAt: row.createdAt,
    threadRootId: row.threadRootId,
    replyToId: row.replyToId,
  };
}
