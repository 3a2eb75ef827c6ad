// How a tool says that something was said. spec: mcp-tools 5.1
import { findMentions } from '@puffo/protocol';
import type { Target } from '../places/address.ts';
import type { ThreadRoot } from '../places/thread-root.ts';
import type { ToolParts } from '../tool-parts.ts';
import type { PostedContent } from './post-content.ts';

const MAX_NAMED = 10;

export interface Said {
  readonly posted: PostedContent;
  readonly target: Target;
  readonly root: ThreadRoot;
}

export function placeText({ target, root }: Pick<Said, 'target' | 'root'>): string {
  return root.rootId === null ? target.name : `${target.name} in thread ${root.rootId}`;
}

/** Lines of its own, each begins with `note:`. */
export async function notesOf(
  { posted, target, root }: Said,
  { text, parts }: { readonly text: string; readonly parts: ToolParts },
): Promise<readonly string[]> {
  const queued = posted.isQueued
    ? ['note: the server cannot be reached just now; it is sent as soon as that works, so do not send it again']
    : [];
  return [...queued, ...root.notes, ...(await mentionNotes(target, { text, parts }))];
}

async function mentionNotes(
  { route }: Target,
  { text, parts }: { readonly text: string; readonly parts: ToolParts },
): Promise<readonly string[]> {
  const mentioned = findMentions(text);
  if (route.kind !== 'channel' || mentioned.length === 0) return [];
  try {
    const members = await parts.client.channels.listChannelMembers(route);
    const inside = new Set<string>(members.map(({ slug }) => slug));
    const outside = mentioned.filter((slug) => !inside.has(slug)).slice(0, MAX_NAMED);
    return outside.map((slug) => `note: @${slug} is not in this channel and does not see it`);
  } catch {
    // The message is sent; this would only have been a hint.
    return [];
  }
}
