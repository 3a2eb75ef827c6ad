// One request, one answer: who asks, what for, and what is there. spec: daemon-and-cli 5.1, 5.2, D-40, D-45
import type { IncomingMessage } from 'node:http';
import type { Logger } from '@puffo/base';
import type { HistoryMessage } from '../store/history-message.ts';
import type { HistoryReader } from '../store/history-reader.ts';
import type { HistoryPool } from './history-pool.ts';
import { isLocalHost, type Lookup, parseTarget, readBearerToken, readRecentQuestion } from './read-request.ts';
import type { ServiceTokens } from './service-tokens.ts';

/** In place of a channel: the newest ones of all channels. */
const ALL_CHANNELS = '__all__';
/** Of one answer; older messages are left out. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface Answer {
  readonly status: number;
  /** Text is sent as it is, everything else as JSON. */
  readonly body: string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AnswerContext {
  readonly tokens: ServiceTokens;
  readonly histories: HistoryPool;
  readonly logger: Logger;
}

type Request = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

export async function answerRequest(request: Request, { tokens, histories, logger }: AnswerContext): Promise<Answer> {
  const { method, url = '', headers } = request;
  if (!isLocalHost(headers.host)) return refuse(403, 'host not allowed');
  const target = parseTarget(url);
  if (target === undefined) return { status: 404, body: '404: Not Found' };
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, body: '405: Method Not Allowed', headers: { Allow: 'GET,HEAD' } };
  }
  const { agentId, lookup } = target;
  const token = readBearerToken(headers.authorization);
  if (token === undefined || !tokens.isValid(agentId, token)) {
    return { ...refuse(401, 'unauthorized'), headers: { 'WWW-Authenticate': 'Bearer' } };
  }
  const question = prepare(lookup);
  if ('status' in question) return question;
  try {
    return (await histories.read(agentId, question.run)) ?? refuse(404, 'agent db not found');
  } catch (error) {
    // A caller that takes this for an empty history would be wrong; what exactly it is stands in the log.
    logger.error('data-service-failed', { agent: agentId, error: error instanceof Error ? error.message : 'unknown' });
    return refuse(500, `${question.failure}: the database cannot be read`);
  }
}

interface Question {
  readonly failure: string;
  readonly run: (reader: HistoryReader) => Promise<Answer>;
}

/** Everything about the parameters, before there is a database. */
function prepare(lookup: Lookup): Question | Answer {
  switch (lookup.kind) {
    case 'space':
      return { failure: 'lookup failed', run: (reader) => answerSpace(reader, lookup.channelId) };
    case 'message':
      return { failure: 'lookup failed', run: (reader) => answerMessage(reader, lookup.envelopeId) };
    case 'recent': {
      const question = readRecentQuestion(lookup.query);
      if (question.kind === 'refused') return refuse(400, question.error);
      return { failure: 'history fetch failed', run: (reader) => answerRecent(reader, question) };
    }
  }
}

async function answerSpace(reader: HistoryReader, channelId: string): Promise<Answer> {
  const spaceId = await reader.findSpaceOfChannel(channelId);
  return spaceId === undefined ? refuse(404, 'channel unknown') : { status: 200, body: { space_id: spaceId } };
}

async function answerMessage(reader: HistoryReader, envelopeId: string): Promise<Answer> {
  const message = await reader.find(envelopeId);
  return message === undefined
    ? refuse(404, 'message not found')
    : { status: 200, body: { message: describe(message) } };
}

async function answerRecent(
  reader: HistoryReader,
  { channelId, limit }: { readonly channelId: string; readonly limit: number },
): Promise<Answer> {
  const messages =
    channelId === ALL_CHANNELS ? await reader.listRecent(limit) : await reader.listChannel(channelId, { limit });
  return { status: 200, body: { messages: fitting(messages.map(describe)) } };
}

/** The newest ones, at least one. */
function fitting(messages: readonly object[]): readonly object[] {
  let bytes = 0;
  let first = messages.length;
  while (first > 0) {
    bytes += Buffer.byteLength(JSON.stringify(messages[first - 1]));
    if (bytes > MAX_ANSWER_BYTES && first < messages.length) break;
    first--;
  }
  return messages.slice(first);
}

function describe(message: HistoryMessage): object {
  return {
    envelope_id: message.envelopeId,
    envelope_kind: message.envelopeKind,
    sender_slug: message.senderSlug,
    channel_id: message.channelId,
    space_id: message.spaceId,
    recipient_slug: message.recipientSlug,
    content_type: message.contentType,
    content: message.content,
    sent_at: message.sentAt,
    received_at: message.receivedAt,
    thread_root_id: message.threadRootId,
    reply_to_id: message.replyToId,
  };
}

function refuse(status: number, error: string): Answer {
  return { status, body: { error } };
}
