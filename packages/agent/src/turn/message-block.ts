// How one message looks to a model: a list of keys, and its text between two lines that nobody else can write, because they
// hold a code that is made for each turn. The only place that knows this form. spec: runtimes 2.4

/** In the order in which they stand. The words are habits of existing agents; `sender_slug`, `sender_owner` and
 * `is_from_operator` are additions. */
export const MESSAGE_KEYS = [
  'space',
  'space_id',
  'channel',
  'channel_id',
  'post_id',
  'thread_root_id',
  'timestamp',
  'sender',
  'sender_slug',
  'sender_owner',
  'sender_type',
  'is_from_operator',
  'mentions',
  'attachments',
  'message',
] as const;
export type MessageKey = (typeof MESSAGE_KEYS)[number];

/** Starts every line that the daemon itself says to a model. */
export const SYSTEM_NOTICE_PREFIX = '[puffo-agent system message]';

/** Above messages that start no turn. */
export const CONTEXT_HEADING = '# Earlier messages, for context only';
/** Above those that do, when something stands before them. */
export const TURN_HEADING = '# New messages';

const TOKEN = /^[A-Za-z0-9_-]{8,64}$/;
const OPENING_MARKER = /^<<<([A-Za-z0-9_-]{8,64})$/;

/** Letters and digits nobody can guess: 8 to 64 of `A-Z a-z 0-9 _ -`. */
export function isTurnToken(token: string): boolean {
  return TOKEN.test(token);
}

export function openingMarker(token: string): string {
  return `<<<${token}`;
}

export function closingMarker(token: string): string {
  return `${token}>>>`;
}

/** The token, when the line is an opening marker. */
export function readOpeningMarker(line: string): string | undefined {
  return OPENING_MARKER.exec(line)?.[1];
}
