// Files of the workspace as one message. Everything is checked before the first byte leaves. spec: mcp-tools 5.2
import { ATTACHMENTS_CONTENT_TYPE, attachmentsContent, LIMITS } from '@puffo/protocol';
import { digestOfBytes } from '../digest.ts';
import { optionalText, requiredText, textList } from '../fields.ts';
import { showSize } from '../files/show-size.ts';
import { resolveAddress } from '../places/address.ts';
import { resolveRoot } from '../places/thread-root.ts';
import { defineTool } from '../tool-definition.ts';
import { checkSize } from './check-text.ts';
import { findRepeated, speechDigest } from './find-repeated.ts';
import { postContent } from './post-content.ts';
import { readFiles, uploadAll } from './upload-files.ts';
import { notesOf, placeText } from './said-notes.ts';
import { alreadyPosted } from './send-message.ts';

const TIMEOUT_MS = 300_000;

export const UPLOAD_FILE = defineTool({
  name: 'upload_file',
  aliases: ['send_message_with_attachments'],
  kind: 'speak',
  timeoutMs: TIMEOUT_MS,
  description:
    'Send 1 to 10 files of your workspace (8 MiB each) to a channel or a person, as one message with an optional caption.',
  input: {
    paths: textList({ minItems: 1, maxItems: LIMITS.filesPerMessage, description: 'paths inside the workspace' }),
    channel: requiredText({ description: 'ch_… or @slug' }),
    caption: optionalText(),
    root_id: optionalText({ description: 'thread root; empty = new top-level message' }),
  },
  async run({ paths, channel, caption, root_id: rootId }, context) {
    const { parts } = context;
    checkSize(caption);
    const target = await resolveAddress(channel, parts);
    const root = await resolveRoot(rootId, target.route, parts);
    const files = await readFiles(paths, parts);
    const fingerprints = files.map(({ filename, bytes }) => `${filename} ${digestOfBytes(bytes)}`);
    const digest = speechDigest({ route: target.route, rootId: root.rootId, text: caption, files: fingerprints });
    const repeated = await findRepeated(digest, context);
    if (repeated !== undefined) return alreadyPosted(repeated, { place: placeText({ target, root }), digest });
    const attachments = await uploadAll(files, context);
    const posted = await postContent(
      {
        route: target.route,
        contentType: ATTACHMENTS_CONTENT_TYPE,
        content: attachmentsContent({ text: caption, attachments }),
        threadRootId: root.rootId,
        replyToId: null,
        isVisibleToHuman: true,
      },
      context,
    );
    const said = { posted, target, root };
    const notes = await notesOf(said, { text: caption, parts });
    const names = files.map(({ filename }) => filename).join(', ');
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    const head = `uploaded ${files.length} file(s) [${names}] (${bytes} bytes total) to ${placeText(said)} (envelope_id ${posted.messageId})`;
    const lines = files.map((file) => `- ${file.filename} (${file.mimeType}, ${showSize(file.bytes.length)})`);
    parts.logger.info('files-sent', { messageId: posted.messageId, files: files.length, bytes });
    return {
      text: [head, ...lines, ...notes].join('\n'),
      speech: { messageId: posted.messageId, digest, isQueued: posted.isQueued },
    };
  },
});
