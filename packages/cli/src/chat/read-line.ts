// What a line typed in `chat` means.
import { isEnvelopeId, type EnvelopeId } from '@puffo/protocol';

export type ChatLine =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'who' }
  | { readonly kind: 'help' }
  | { readonly kind: 'say'; readonly text: string; readonly thread: EnvelopeId | null }
  | { readonly kind: 'file'; readonly path: string }
  /** What is wrong, and what to do. */
  | { readonly kind: 'mistake'; readonly problem: string };

export const CHAT_HELP: readonly string[] = [
  '/file PATH          send a file',
  '/thread ID TEXT     answer in the thread of a message',
  '/who                who reads along',
  '/quit               end; Ctrl-D does it too',
  '//…                 a message that begins with a slash',
];

export function readChatLine(line: string): ChatLine {
  if (line.trim() === '') return { kind: 'nothing' };
  if (!line.startsWith('/')) return { kind: 'say', text: line, thread: null };
  if (line.startsWith('//')) return { kind: 'say', text: line.slice(1), thread: null };
  const [word = '', rest = ''] = splitWord(line);
  if (word === '/quit' || word === '/exit') return { kind: 'quit' };
  if (word === '/who') return { kind: 'who' };
  if (word === '/help') return { kind: 'help' };
  if (word === '/file') return rest === '' ? mistake('/file needs a path') : { kind: 'file', path: rest };
  if (word === '/thread') return readThreadLine(rest);
  return mistake(`there is no ${word.slice(0, 30)}`);
}

function readThreadLine(rest: string): ChatLine {
  const [id = '', text = ''] = splitWord(rest);
  if (!isEnvelopeId(id) || text === '') return mistake('/thread needs the id of a message and a text');
  return { kind: 'say', text, thread: id };
}

function splitWord(text: string): readonly string[] {
  const at = text.search(/\s/);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at).trim()];
}

function mistake(problem: string): ChatLine {
  return { kind: 'mistake', problem: `Cannot do that: ${problem}, see /help` };
}
