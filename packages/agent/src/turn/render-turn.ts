// The text that a model receives for one turn: notices of the daemon, messages that are context, and the messages of the turn,
// each message exactly once and in the order of the server. spec: runtimes 2.3, 2.4
import { findMentions, type Slug } from '@puffo/protocol';
import type { InboxMessage } from '../inbox/inbox-message.ts';
import { cleanLine, cleanText, countCharacters, takeCharacters } from '../text/clean-text.ts';
import { mentionSelf } from './mention-self.ts';
import {
  closingMarker,
  CONTEXT_HEADING,
  isTurnToken,
  MESSAGE_KEYS,
  type MessageKey,
  openingMarker,
  SYSTEM_NOTICE_PREFIX,
  TURN_HEADING,
} from './message-block.ts';

/** Longer texts are cut, with a note of how long they are. */
export const MAX_SHOWN_CHARACTERS = 16_000;
const MAX_VALUE_CHARACTERS = 200;
/** A path that is cut leads nowhere, so it gets more room than any name. */
const MAX_PATH_CHARACTERS = 1000;
const MAX_NOTICE_CHARACTERS = 2000;
const MAX_LIST_ITEMS = 50;
const DM_CHANNEL = 'Direct message';
/** The last moment whose year has four digits. */
const MAX_TIMESTAMP = 253_402_300_799_999;

export interface TurnMessage {
  readonly message: InboxMessage;
  readonly spaceName?: string | undefined;
  readonly channelName?: string | undefined;
  /** What people call the sender. */
  readonly senderName?: string | undefined;
  /** The operator of a sender that is an agent. */
  readonly senderOwner?: Slug | undefined;
  /** Relative to the workspace. */
  readonly attachments: readonly string[];
  /** Names of files that could not be fetched. */
  readonly failedAttachments?: readonly string[];
}

export interface TurnToRender {
  readonly messages: readonly TurnMessage[];
  /** Of the same conversation; they started no turn. */
  readonly context: readonly TurnMessage[];
  /** Older messages that are not shown at all. */
  readonly omitted: number;
  readonly ownSlug: Slug;
  /** Random, another one for each turn. */
  readonly token: string;
  /** What the daemon itself has to say. */
  readonly notices?: readonly string[];
}

type BlockValues = Partial<Record<MessageKey, string | readonly string[]>>;

interface BlockContext {
  readonly ownSlug: Slug;
  readonly token: string;
  /** Of everybody who wrote something that is shown. */
  readonly senderTypes: ReadonlyMap<Slug, InboxMessage['senderType']>;
}

const NOTICE_KEYS = ['space', 'space_id', 'channel', 'channel_id', 'thread_root_id'] as const;

export function renderTurn({ messages, context, omitted, ownSlug, token, notices = [] }: TurnToRender): string {
  if (!isTurnToken(token)) throw new RangeError('Cannot render turn: the token is no 8 to 64 letters and digits');
  const turn = inOrder(messages, new Set());
  const earlier = inOrder(context, new Set(turn.map(({ message }) => message.envelopeId)));
  const senderTypes = new Map([...earlier, ...turn].map(({ message }) => [message.senderSlug, message.senderType]));
  const block: BlockContext = { ownSlug, token, senderTypes };
  const sections = [
    ...notices.map(noticeLine),
    ...(earlier.length > 0 || omitted > 0 ? [contextHeading(omitted)] : []),
    ...earlier.map((each) => renderMessage(each, block)),
    ...(earlier.length > 0 || omitted > 0 ? [TURN_HEADING] : []),
    ...turn.map((each) => renderMessage(each, block)),
  ];
  return sections.join('\n\n');
}

/** Without those that are shown elsewhere, or twice. */
function inOrder(messages: readonly TurnMessage[], shown: ReadonlySet<string>): readonly TurnMessage[] {
  const byId = new Map(messages.map((each) => [each.message.envelopeId, each]));
  return Array.from(byId.values())
    .filter(({ message }) => !shown.has(message.envelopeId))
    .toSorted((left, right) => left.message.seq - right.message.seq);
}

function contextHeading(omitted: number): string {
  return omitted > 0 ? `${CONTEXT_HEADING} (${omitted} older not shown)` : CONTEXT_HEADING;
}

function noticeLine(text: string): string {
  return `${SYSTEM_NOTICE_PREFIX} ${cleanLine(text, MAX_NOTICE_CHARACTERS)}`;
}

function renderMessage(turnMessage: TurnMessage, block: BlockContext): string {
  return turnMessage.message.senderType === 'system' ? renderNotice(turnMessage) : renderBlock(turnMessage, block);
}

/** Of a message of the daemon itself: what it says, and which conversation it is about. */
function renderNotice(turnMessage: TurnMessage): string {
  const { conversation, text, threadRootId } = turnMessage.message;
  const { thread_root_id: _ownId, ...place } = placeOf(turnMessage);
  const values: BlockValues = {
    ...place,
    ...(conversation.kind === 'dm' ? { channel: `${DM_CHANNEL} with @${conversation.peerSlug}` } : {}),
    ...(threadRootId === null ? {} : { thread_root_id: threadRootId }),
  };
  return [noticeLine(text), ...NOTICE_KEYS.flatMap((key) => linesOf(key, values[key]))].join('\n');
}

function renderBlock(turnMessage: TurnMessage, { ownSlug, token, senderTypes }: BlockContext): string {
  // The token cannot be guessed; a text that has it all the same, from wherever, must not end itself.
  const text = cleanText(turnMessage.message.text).replaceAll(token, '…');
  const values: BlockValues = {
    ...placeOf(turnMessage),
    ...senderOf(turnMessage),
    ...timeOf(turnMessage.message),
    mentions: mentionsIn(text, { ownSlug, senderTypes }),
    attachments: attachmentsOf(turnMessage),
  };
  const shown = mentionSelf(text, ownSlug);
  const body = takeCharacters(shown, MAX_SHOWN_CHARACTERS);
  const cut =
    body.length === shown.length
      ? ''
      : ` (cut: the first ${MAX_SHOWN_CHARACTERS} of ${countCharacters(shown)} characters)`;
  const lines = MESSAGE_KEYS.flatMap((key) => linesOf(key, values[key]));
  return [...lines, `${keyLine('message')}${cut}`, openingMarker(token), body, closingMarker(token)].join('\n');
}

function placeOf({ message, spaceName, channelName }: TurnMessage): BlockValues {
  const { conversation, envelopeId, threadRootId } = message;
  const ids: BlockValues = { post_id: envelopeId, thread_root_id: threadRootId ?? envelopeId };
  if (conversation.kind === 'dm') return { ...ids, channel: DM_CHANNEL };
  const { spaceId, channelId } = conversation;
  const space: BlockValues = spaceName === undefined ? {} : { space: spaceName };
  return { ...ids, ...space, space_id: spaceId, channel: channelName ?? channelId, channel_id: channelId };
}

function senderOf({ message, senderName, senderOwner }: TurnMessage): BlockValues {
  const { senderSlug, senderType, isFromOperator } = message;
  const name = cleanLine(senderName ?? '', MAX_VALUE_CHARACTERS);
  return {
    sender: name === '' ? senderSlug : name,
    sender_slug: senderSlug,
    ...(senderOwner === undefined ? {} : { sender_owner: senderOwner }),
    sender_type: senderType === 'human' ? 'human' : 'bot',
    ...(isFromOperator ? { is_from_operator: 'true' } : {}),
  };
}

/** A sender writes this time, and may write anything. */
function timeOf({ sentAt }: InboxMessage): BlockValues {
  if (!(sentAt > 0 && sentAt <= MAX_TIMESTAMP)) return {};
  return { timestamp: `${new Date(sentAt).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}+00:00` };
}

function mentionsIn(
  text: string,
  { ownSlug, senderTypes }: Pick<BlockContext, 'ownSlug' | 'senderTypes'>,
): readonly string[] {
  const slugs = findMentions(text);
  // The own one first, so that it is there however many follow.
  const own = slugs.includes(ownSlug) ? [`${ownSlug} (you)`] : [];
  const others = slugs.filter((slug) => slug !== ownSlug);
  return [...own, ...others.map((slug) => `${slug}${typeWord(senderTypes.get(slug))}`)];
}

function typeWord(type: InboxMessage['senderType'] | undefined): string {
  return type === undefined || type === 'system' ? '' : ` (${type})`;
}

function attachmentsOf({ attachments, failedAttachments = [] }: TurnMessage): readonly string[] {
  const failed = failedAttachments.map((name) => cleanLine(name, MAX_VALUE_CHARACTERS));
  return [...attachments, ...failed.map((name) => `${name} (could not be fetched)`)];
}

function linesOf(key: MessageKey, value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === 'string') {
    const line = cleanLine(value, MAX_VALUE_CHARACTERS);
    return line === '' ? [] : [`${keyLine(key)} ${line}`];
  }
  if (value.length === 0) return [];
  const items = value.slice(0, MAX_LIST_ITEMS).map((item) => `  - ${cleanLine(item, MAX_PATH_CHARACTERS)}`);
  const more = value.length - items.length;
  return [keyLine(key), ...items, ...(more > 0 ? [`  - … and ${more} more`] : [])];
}

function keyLine(key: MessageKey): string {
  return `- ${key}:`;
}
