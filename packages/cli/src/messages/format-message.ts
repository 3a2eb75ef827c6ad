// A message for people: who and when on one line, what was said indented below it, so that no text of a message can pass for
// the head of another.
import type { Slug } from '@puffo/protocol';
import { cleanLines, cleanName } from '../output/clean-text.ts';
import { formatSize } from '../output/format-size.ts';
import { messageTime } from '../output/format-time.ts';
import type { Paint } from '../output/paint.ts';
import { contentOf, type Names, type ShownMessage } from './shown-message.ts';

export interface MessageStyle {
  readonly names: Names;
  readonly paint: Paint;
  readonly now: number;
  readonly ownSlug: Slug;
  /** Where it was said, when that is not clear. */
  readonly place?: string | undefined;
}

const INDENT = '    ';

export function formatMessage(message: ShownMessage, style: MessageStyle): readonly string[] {
  const { paint, place } = style;
  const head = [
    paint.dim(messageTime({ at: message.sentAt, now: style.now })),
    nameSender(message.senderSlug, style),
    ...(place === undefined ? [] : [paint.dim(`in ${place}`)]),
    ...(message.threadRootId === null ? [] : [paint.dim(`in thread ${message.threadRootId}`)]),
    paint.dim(message.envelopeId),
  ];
  return [head.join('  '), ...describeContent(message, style).map((line) => `${INDENT}${line}`.trimEnd())];
}

/** `Alice (@alice-9a7c)`: a display name is chosen freely, the slug is what is proven. */
export function namePerson(slug: Slug, names: Names): string {
  const name = cleanName(names.get(slug) ?? '');
  return name === '' || name === slug ? `@${slug}` : `${name} (@${slug})`;
}

function nameSender(slug: Slug, { names, paint, ownSlug }: MessageStyle): string {
  const text = namePerson(slug, names);
  return slug === ownSlug ? paint.green(text) : paint.cyan(text);
}

function describeContent(message: ShownMessage, { paint }: MessageStyle): readonly string[] {
  const content = contentOf(message);
  const text = content.text === '' ? [] : cleanLines(content.text);
  if (content.kind === 'other') return [paint.dim(`(${cleanName(content.contentType)})`), ...text];
  if (content.kind === 'text') return text;
  const files = content.attachments.map(
    ({ filename, size }) => `${paint.yellow('file')} ${cleanName(filename)} ${paint.dim(`(${formatSize(size)})`)}`,
  );
  const lost = content.unreadable === 0 ? [] : [paint.dim(`(${content.unreadable} files cannot be read)`)];
  return [...text, ...files, ...lost];
}
