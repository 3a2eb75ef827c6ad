// spec: mcp-tools 5.1
import { TEXT_CONTENT_TYPE } from '@puffo/protocol';
import { optionalText, requiredText } from '../fields.ts';
import { resolveAddress } from '../places/address.ts';
import { resolveRoot } from '../places/thread-root.ts';
import { defineTool } from '../tool-definition.ts';
import { checkText } from './check-text.ts';
import { findRepeated, speechDigest } from './find-repeated.ts';
import { postContent } from './post-content.ts';
import { notesOf, placeText } from './said-notes.ts';

export const SEND_MESSAGE = defineTool({
  name: 'send_message',
  kind: 'speak',
  description:
    'Post a message to a channel or a person. To reply, pass channel_id as channel and thread_root_id as root_id. Each call is one message.',
  input: {
    channel: requiredText({ description: 'ch_… or @slug' }),
    text: requiredText({ description: 'Markdown', isBody: true }),
    root_id: optionalText({ description: 'thread root; empty = new top-level message' }),
  },
  async run({ channel, text: given, root_id: rootId }, context) {
    const { parts } = context;
    const text = checkText(given);
    const target = await resolveAddress(channel, parts);
    const root = await resolveRoot(rootId, target.route, parts);
    const digest = speechDigest({ route: target.route, rootId: root.rootId, text, files: [] });
    const repeated = await findRepeated(digest, context);
    if (repeated !== undefined) return alreadyPosted(repeated, { place: placeText({ target, root }), digest });
    const posted = await postContent(
      {
        route: target.route,
        contentType: TEXT_CONTENT_TYPE,
        content: text,
        threadRootId: root.rootId,
        replyToId: null,
        isVisibleToHuman: true,
      },
      context,
    );
    const said = { posted, target, root };
    const notes = await notesOf(said, { text, parts });
    const verb = posted.isQueued ? 'queued' : 'posted';
    return {
      text: [`${verb} ${posted.messageId} to ${placeText(said)}`, ...notes].join('\n'),
      speech: { messageId: posted.messageId, digest, isQueued: posted.isQueued },
    };
  },
});

export function alreadyPosted(
  messageId: string,
  { place, digest }: { readonly place: string; readonly digest: string },
) {
  return {
    text: `already posted ${messageId} to ${place}\nnote: an earlier attempt of this turn said the same there; nothing was sent now`,
    speech: { messageId, digest, isQueued: false },
  };
}
