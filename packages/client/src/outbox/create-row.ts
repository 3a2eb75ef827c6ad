// From what somebody wants to say to the row that is recorded; refuses what could never be sent. spec: wire-protocol 6.2,
// 13.3
import { isJsonObject, type JsonValue, safeParseJson } from '@puffo/base';
import {
  assertSignable,
  createEnvelopeId,
  isChannelId,
  isEnvelopeId,
  isSlug,
  isSpaceId,
  LIMITS,
  ProtocolError,
  type Route,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { OutgoingMessage } from './outbox.ts';
import type { OutboxRow } from './outbox-store.ts';

/** Kept free in a posting for what is not content: the members around it and some seventy recipients. */
const ROOM_BYTES = 16 * 1024;
/** Content as it stands in the signed payload: encrypted and written as base64url, it is longer by a third. */
const MAX_CONTENT_BYTES = Math.floor(((LIMITS.messageBodyBytes - ROOM_BYTES) * 3) / 4);
/** The payload and the plaintext are around it. */
const MAX_DEPTH = LIMITS.jsonDepth - 2;
const MAX_CONTENT_TYPE_CHARACTERS = LIMITS.opaqueIdCharacters;
const MAX_IDEMPOTENCY_KEY_CHARACTERS = 512;

export function createRow(message: OutgoingMessage, { clock, random }: ClientContext): OutboxRow {
  const { route, contentType, content, threadRootId, replyToId, isVisibleToHuman, idempotencyKey } = message;
  checkRoute(route);
  checkReference(threadRootId, 'threadRootId');
  checkReference(replyToId, 'replyToId');
  const isType = typeof contentType === 'string' && contentType !== '';
  check(isType && contentType.length <= MAX_CONTENT_TYPE_CHARACTERS, 'its content type is empty or too long');
  const isKey = idempotencyKey === undefined || idempotencyKey.length <= MAX_IDEMPOTENCY_KEY_CHARACTERS;
  check(isKey, `its idempotency key has more than ${MAX_IDEMPOTENCY_KEY_CHARACTERS} characters`);
  checkContent(content);
  return {
    envelopeId: createEnvelopeId(random),
    idempotencyKey: idempotencyKey ?? null,
    createdAt: clock(),
    route,
    contentType,
    content,
    threadRootId: threadRootId ?? null,
    replyToId: replyToId ?? null,
    isVisibleToHuman: isVisibleToHuman ?? true,
    sealed: null,
    state: 'queued',
    seq: null,
    failure: null,
    attempts: 0,
  };
}

function checkRoute(route: Route): void {
  check(isJsonObject(route), 'it has no route');
  if (route.kind === 'channel') check(isSpaceId(route.spaceId) && isChannelId(route.channelId), 'it names no channel');
  else check(route.kind === 'dm' && isSlug(route.recipientSlug), 'it names nobody');
}

function checkReference(value: unknown, name: string): void {
  check(value === undefined || value === null || isEnvelopeId(value), `${name} is no envelope id`);
}

function checkContent(content: JsonValue): void {
  try {
    assertSignable(content);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw invalid('its content holds a number or a member name that cannot be signed', error);
  }
  const text = textOf(content);
  const read = safeParseJson(text, { maxLength: Infinity, maxDepth: MAX_DEPTH, integers: 'safe' });
  check(read.kind === 'value', 'its content is nested too deep, or is not well-formed Unicode');
  const bytes = escapedLength(text);
  if (bytes <= MAX_CONTENT_BYTES) return;
  const limit = Math.floor(MAX_CONTENT_BYTES / 1024);
  throw invalid(`its content is too large: ${Math.ceil(bytes / 1024)} KiB as it is sent, at most ${limit} KiB fit`);
}

function textOf(content: JsonValue): string {
  const text: unknown = JSON.stringify(content);
  if (typeof text === 'string') return text;
  throw invalid('it has no content');
}

/** In the payload every unit outside printable ASCII is written as `\uXXXX`. */
function escapedLength(text: string): number {
  if (text.length > MAX_CONTENT_BYTES) return text.length;
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    length += unit >= 0x20 && unit <= 0x7e ? 1 : 6;
  }
  return length;
}

function check(fits: boolean, problem: string): void {
  if (!fits) throw invalid(problem);
}

function invalid(problem: string, cause?: unknown): ClientError {
  return new ClientError(`Cannot send message: ${problem}`, { code: 'invalid-input', cause });
}
