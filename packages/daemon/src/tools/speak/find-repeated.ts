// A turn that is taken again says nothing twice: what an earlier attempt said in the same place stands. Within one attempt, equal
// calls are two. spec: mcp-tools 3.5
import type { Route } from '@puffo/protocol';
import { digestOf } from '../digest.ts';
import type { ToolContext } from '../tool-context.ts';

export interface Speech {
  readonly route: Route;
  readonly rootId: string | null;
  readonly text: string;
  /** Digests of what is in them, with their names. */
  readonly files: readonly string[];
}

export function speechDigest({ route, rootId, text, files }: Speech): string {
  const place = route.kind === 'channel' ? route.channelId : `@${route.recipientSlug}`;
  return digestOf([place, rootId, text, files]);
}

/** The message that said it. */
export async function findRepeated(digest: string, { parts, turn }: ToolContext): Promise<string | undefined> {
  if (turn === undefined) return undefined;
  const { turnId, messageIds } = turn;
  const earlier = await parts.store.listEarlierSends({ messageIds, exceptTurnId: turnId });
  return earlier.find(({ outcome }) => outcome?.speechDigest === digest)?.outcome?.envelopeId;
}
