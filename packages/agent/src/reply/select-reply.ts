// What of a finished turn is said, and whether that was meant. spec: daemon-and-cli 3.8, runtimes 2.7

/** Anywhere in its text: the agent has nothing to say. */
export const SILENT_MARKER = '[SILENT]';

export interface FinishedTurn {
  /** One for each block of text that the model wrote, in order. */
  readonly texts: readonly string[];
  /** Tools that say something in a conversation (`send_message`, `upload_file`), and said it. */
  readonly sends: number;
  /** The model called the tool that says there is nothing to say. */
  readonly declined: boolean;
  /** Whether posting its text is the way it speaks, as for engines without tools, or a fallback. */
  readonly speaksByText: boolean;
}

export type Reply =
  | { readonly kind: 'post'; readonly text: string; readonly isFallback: boolean }
  /** It spoke with its tools. */
  | { readonly kind: 'said' }
  | { readonly kind: 'silent' }
  /** Neither said nor declined anything: somebody who asked would see nothing. */
  | { readonly kind: 'nothing' };

export function selectReply({ texts, sends, declined, speaksByText }: FinishedTurn): Reply {
  const parts = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (sends > 0) return { kind: 'said' };
  if (declined || parts.some((text) => text.includes(SILENT_MARKER))) return { kind: 'silent' };
  const [only, ...more] = parts;
  if (only === undefined) return { kind: 'nothing' };
  const text = more.length === 0 ? only : speaksByText ? parts.join('\n\n') : parts.map(toBullet).join('\n');
  return { kind: 'post', text, isFallback: !speaksByText };
}

/** Further lines of a part stay inside its bullet. */
function toBullet(text: string): string {
  return `- ${text.replaceAll('\n', '\n  ')}`;
}
