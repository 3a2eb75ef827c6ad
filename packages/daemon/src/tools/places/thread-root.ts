// Which thread a message belongs to. There are no threads in threads, so what is not a root is corrected where that is safe and
// refused where it is not. spec: mcp-tools 4.4
import { cleanLine } from '@puffo/agent';
import { resolveThreadRoot } from '@puffo/client';
import { type EnvelopeId, isEnvelopeId, type Route, type Slug } from '@puffo/protocol';
import type { HistoryMessage } from '../../store/history-message.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';

export interface ThreadRoot {
  /** `null`: the top level. */
  readonly rootId: EnvelopeId | null;
  /** What was put right. */
  readonly notes: readonly string[];
}

const MAX_STEPS = 4;
/** Of what the daemon itself says to its agent. */
const NOTICE_PREFIX = 'notice_';
const MAX_GIVEN = 100;

interface RootParts {
  readonly history: Pick<ToolParts['history'], 'find' | 'findInThread'>;
  readonly own: ToolParts['own'];
}

export async function resolveRoot(given: string, route: Route, parts: RootParts): Promise<ThreadRoot> {
  const id = given.trim();
  if (id === '') return { rootId: null, notes: [] };
  if (id.startsWith(NOTICE_PREFIX)) return topLevel('a notice of the daemon begins no thread');
  if (!isEnvelopeId(id)) throw unknown(id);
  const message = await parts.history.find(id);
  if (message === undefined) return fromReplies(id, route, parts);
  requireSame(message, route, parts.own.slug);
  return walkUp(message, { id, route }, parts);
}

async function walkUp(
  first: HistoryMessage,
  { id, route }: { readonly id: EnvelopeId; readonly route: Route },
  { history, own }: RootParts,
): Promise<ThreadRoot> {
  const seen = new Set<string>();
  let message = first;
  for (let step = 0; step <= MAX_STEPS; step++) {
    const { envelopeId, threadRootId } = message;
    if (!isEnvelopeId(envelopeId) || (threadRootId !== null && !isEnvelopeId(threadRootId))) break;
    const rootId = resolveThreadRoot({ envelopeId, threadRootId });
    if (rootId === envelopeId) return { rootId, notes: notesOf(id, rootId) };
    if (seen.has(rootId)) break;
    seen.add(rootId);
    const above = await history.find(rootId);
    // Nobody here has seen it, and everybody in the thread names it.
    if (above === undefined) return { rootId, notes: notesOf(id, rootId) };
    requireSame(above, route, own.slug);
    message = above;
  }
  return topLevel('the thread of `root_id` leads nowhere');
}

async function fromReplies(id: EnvelopeId, route: Route, { history, own }: RootParts): Promise<ThreadRoot> {
  const reply = await history.findInThread(id);
  if (reply === undefined) throw unknown(id);
  requireSame(reply, route, own.slug);
  return { rootId: id, notes: [] };
}

/** Who else is in a direct message of this agent. */
function peerOf({ senderSlug, recipientSlug }: HistoryMessage, ownSlug: Slug): string | null {
  return senderSlug === ownSlug ? recipientSlug : senderSlug;
}

function requireSame(message: HistoryMessage, route: Route, ownSlug: Slug): void {
  const isSame =
    route.kind === 'channel'
      ? message.channelId === route.channelId
      : message.channelId === null && peerOf(message, ownSlug) === route.recipientSlug;
  if (isSame) return;
  const where = message.channelId ?? `@${peerOf(message, ownSlug) ?? ''}`;
  const problem = `\`root_id\` belongs to ${where}; leave it out, or write to that conversation`;
  throw new ToolError('conflict', `Cannot use this thread: ${problem}`);
}

function notesOf(given: EnvelopeId, rootId: EnvelopeId): readonly string[] {
  return given === rootId ? [] : [`note: ${given} is a reply; it went into its thread, ${rootId}`];
}

function topLevel(why: string): ThreadRoot {
  return { rootId: null, notes: [`note: sent as a new message, because ${why}`] };
}

function unknown(id: string): ToolError {
  const advice = 'use thread_root_id of the message that you answer, or leave root_id out';
  return new ToolError('not_found', `Cannot find the thread ${cleanLine(id, MAX_GIVEN)}: ${advice}`);
}
