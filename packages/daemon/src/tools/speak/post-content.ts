// From what a tool says to a message that the server has. It is recorded before it leaves, under the name of the call: a crash or
// a repetition in between makes no second message. spec: mcp-tools 3.5, 5.1, 8.3
import { sleep } from '@puffo/base';
import { ClientError, type OutgoingContent } from '@puffo/client';
import type { EnvelopeId } from '@puffo/protocol';
import { DaemonError } from '../../daemon-error.ts';
import { ownMessage } from '../../worker/reply-pump.ts';
import type { ToolContext } from '../tool-context.ts';
import { ToolError, toolErrorOf } from '../tool-error.ts';

const MAX_SENDS_PER_TURN = 99;

export interface PostedContent {
  readonly messageId: EnvelopeId;
  /** The server does not have it yet. */
  readonly isQueued: boolean;
}

export async function postContent(content: OutgoingContent, context: ToolContext): Promise<PostedContent> {
  const { parts, signal } = context;
  const { client, store, history, clock } = parts;
  // From here on it cannot be called off.
  signal.throwIfAborted();
  const idempotencyKey = await reserve(content, context);
  let messageId: EnvelopeId | undefined;
  try {
    const queued = await client.outbox.send({ ...content, idempotencyKey });
    messageId = queued.envelopeId;
    parts.pump.run();
    const isSent = await arrives(queued.sent, context.sendWaitMs);
    if (!isSent) return { messageId, isQueued: true };
    await history.add([ownMessage({ ...content, envelopeId: messageId, createdAt: clock() }, client.slug)]);
    return { messageId, isQueued: false };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.code === 'closed' && messageId !== undefined) return { messageId, isQueued: true };
    await store.settleReply(idempotencyKey, { kind: 'failed', failure: error.apiCode ?? error.code });
    throw toolErrorOf(error);
  }
}

/** Returns the key under which the outbox has it. */
async function reserve(content: OutgoingContent, { parts, turn, callKey }: ToolContext): Promise<string> {
  const outside = `tool:${callKey}`;
  if (turn === undefined) return outside;
  if (turn.sends.length >= MAX_SENDS_PER_TURN) {
    const message = `Cannot send more: a turn may say ${MAX_SENDS_PER_TURN} things at most; finish it`;
    throw new ToolError('unavailable', message);
  }
  try {
    return await parts.store.queueReply(turn.turnId, { callId: callKey, content });
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    // The turn ended without this call: then it says something by itself.
    return outside;
  }
}

/** `false`: not in time. Fails when it never will. */
async function arrives(sent: Promise<unknown>, withinMs: number): Promise<boolean> {
  const timer = new AbortController();
  // It rejects only when it is called off.
  const late = sleep(withinMs, timer.signal).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([sent.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
