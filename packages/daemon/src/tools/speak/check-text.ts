// What may be said. spec: mcp-tools 5.1
import { countCharacters, SILENT_MARKER, SYSTEM_NOTICE_PREFIX } from '@puffo/agent';
import { ToolError } from '../tool-error.ts';

const MAX_CHARACTERS = 60_000;
/** As JSON with escapes it has to fit into one posting. */
const MAX_ESCAPED_BYTES = 500_000;
const ESCAPE_BYTES = 6;

/** Without white space at its end. Fails when nobody should receive it. */
export function checkText(given: string): string {
  const text = given.toWellFormed().trimEnd();
  if (text.trim() === '') throw refuse('Cannot send an empty message: `text` is empty; call no_reply to say nothing');
  if (text.trim() === SILENT_MARKER) {
    throw refuse(`Cannot send ${SILENT_MARKER}: people would read it; call no_reply to say nothing`);
  }
  if (text.trimStart().startsWith(SYSTEM_NOTICE_PREFIX)) {
    throw refuse('Cannot send this: it begins like a notice of the daemon; write it in your own words');
  }
  checkSize(text);
  return text;
}

export function checkSize(text: string): void {
  const isLong = text.length > 2 * MAX_CHARACTERS || countCharacters(text) > MAX_CHARACTERS;
  if (!isLong && escapedBytes(text) <= MAX_ESCAPED_BYTES) return;
  const advice = 'split it into several messages, or send it as a file with upload_file';
  throw new ToolError('too_large', `Cannot send this: a message has at most ${MAX_CHARACTERS} characters; ${advice}`);
}

function escapedBytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    bytes += unit >= 0x20 && unit <= 0x7e ? 1 : ESCAPE_BYTES;
  }
  return bytes;
}

function refuse(message: string): ToolError {
  return new ToolError('invalid_argument', message);
}
