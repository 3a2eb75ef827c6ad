// One page of a conversation, as a text: what it shows, what else there is and how to get it. spec: mcp-tools 6.5, 6.7
import type { HistoryMessage } from '../../store/history-message.ts';
import type { HistoryPage } from '../../store/history-reader.ts';
import { fitItems } from '../fit-text.ts';
import { showTime } from '../read-time.ts';
import type { ToolParts } from '../tool-parts.ts';
import { readPlace } from './history-place.ts';
import { findPeople, messageLine } from './message-lines.ts';

export interface PageRequest {
  /** What the conversation is called. */
  readonly name: string;
  readonly limit: number;
  readonly before: string;
  readonly after: string;
  readonly rootsOnly?: boolean;
  /** Of the conversation. */
  readonly list: (page: HistoryPage) => Promise<readonly HistoryMessage[]>;
}

/** More of the shown messages in one thread than this are worth a word. */
const MOST = 0.5;
const MIN_FOR_MOST = 6;

/** `undefined`: there is nothing in the whole conversation. */
export async function showPage(request: PageRequest, parts: ToolParts): Promise<string | undefined> {
  const { name, limit, rootsOnly = false, list } = request;
  const { history } = parts;
  const before = await readPlace(request.before, { name: 'before', history });
  const after = await readPlace(request.after, { name: 'after', history });
  const page = { before, after, rootsOnly };
  const asked = await list({ ...page, limit: limit + 1 });
  if (asked.length === 0) {
    const any = await list({ limit: 1 });
    return any.length === 0
      ? undefined
      : `${name}: no messages in this window; leave out before and after to see the latest`;
  }
  const isForward = after !== undefined;
  const found = asked.length <= limit ? asked : isForward ? asked.slice(0, limit) : asked.slice(1);
  const lines = await linesOf(found, { rootsOnly, parts });
  const tail = [await coverage(parts)];
  const { shown } = fitItems({ head: [name], items: lines, tail, keepsEnd: !isForward });
  const messages = isForward ? found.slice(0, shown.length) : found.slice(found.length - shown.length);
  const [first, last] = [messages[0], messages.at(-1)];
  if (first === undefined || last === undefined)
    return `${name}: the message is too long for a list; read it with get_post`;
  const hasOlder = (await list({ before: placeOf(first), rootsOnly, limit: 1 })).length > 0;
  const hasNewer = (await list({ after: placeOf(last), rootsOnly, limit: 1 })).length > 0;
  const facts = [
    `${name}: ${messages.length} ${rootsOnly ? 'thread starters' : 'messages'}, oldest first`,
    hasOlder ? `older exist: before="${first.envelopeId}"` : 'nothing older',
    hasNewer ? `newer exist: after="${last.envelopeId}"` : 'nothing newer',
    ...busyThread(messages),
  ];
  return [facts.join('; '), ...shown, ...tail].join('\n');
}

async function linesOf(
  messages: readonly HistoryMessage[],
  { rootsOnly, parts }: { readonly rootsOnly: boolean; readonly parts: ToolParts },
): Promise<readonly string[]> {
  const people = await findPeople(
    messages.map(({ senderSlug }) => senderSlug),
    parts,
  );
  const roots = messages.filter(({ threadRootId }) => threadRootId === null).map(({ envelopeId }) => envelopeId);
  const replies = rootsOnly || roots.length > 0 ? await parts.history.countReplies(roots) : new Map<string, number>();
  return messages.map((message) => messageLine(message, { ownSlug: parts.own.slug, people, replies }));
}

function busyThread(messages: readonly HistoryMessage[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { threadRootId } of messages) {
    if (threadRootId !== null) counts.set(threadRootId, (counts.get(threadRootId) ?? 0) + 1);
  }
  const isBusy =
    messages.length >= MIN_FOR_MOST && [...counts.values()].some((count) => count > messages.length * MOST);
  return isBusy ? ['most of them are of one thread; roots_only=true shows the others'] : [];
}

function placeOf({ sentAt, envelopeId }: HistoryMessage) {
  return { sentAt, envelopeId };
}

async function coverage({ history }: ToolParts): Promise<string> {
  const since = await history.findBeginning();
  return since === undefined ? '(nothing was received yet)' : `(received by this computer since ${showTime(since)})`;
}
