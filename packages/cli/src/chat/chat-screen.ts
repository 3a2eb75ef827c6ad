// Where a conversation is shown and typed. At a terminal what is being typed stays intact while messages arrive above it;
// elsewhere lines go in and out.
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import { displayWidth } from '../output/display-width.ts';
import type { World } from '../world.ts';

export interface ChatScreen extends Disposable {
  /** What the person typed, line by line. Ends with Ctrl-D, Ctrl-C, the end of the pipe or when the process is to stop. */
  readonly lines: AsyncIterable<string>;
  show(lines: readonly string[]): void;
  /** One line about the conversation: who is there, who works. */
  setStatus(status: string): void;
}

const DEFAULT_COLUMNS = 80;
const PROMPT = '> ';

export function createChatScreen(world: World): ChatScreen {
  const isTerminal = world.stdin.isTTY === true && world.stdout.isTTY === true && world.env['TERM'] !== 'dumb';
  return isTerminal ? createTerminalScreen(world) : createPlainScreen(world);
}

function createTerminalScreen(world: World): ChatScreen {
  const { stdin, stdout } = world;
  let prompt = PROMPT;
  const editor = createInterface({ input: stdin, output: stdout, terminal: true, prompt });
  const typed = readLines(editor, world);
  editor.on('line', (line) => {
    // What was typed is shown again as a message, with its time.
    const rows = Math.floor(displayWidth(prompt + line) / columnsOf(stdout)) + 1;
    moveCursor(stdout, 0, -rows);
    cursorTo(stdout, 0);
    clearScreenDown(stdout);
    editor.prompt();
  });
  editor.prompt();
  let isOpen = true;
  editor.on('close', () => {
    isOpen = false;
    stdout.write('\n');
  });
  return {
    lines: typed.lines,
    show(lines) {
      if (!isOpen) {
        stdout.write(`${lines.join('\n')}\n`);
        return;
      }
      const { rows } = editor.getCursorPos();
      if (rows > 0) moveCursor(stdout, 0, -rows);
      cursorTo(stdout, 0);
      clearScreenDown(stdout);
      // The editor moves up by the rows that it had before it draws itself again: they have to be there.
      stdout.write(`${lines.join('\n')}\n${'\n'.repeat(rows)}`);
      editor.prompt(true);
    },
    setStatus(status) {
      const next = status === '' ? PROMPT : `${status} ${PROMPT}`;
      if (!isOpen || next === prompt) return;
      prompt = next;
      editor.setPrompt(prompt);
      editor.prompt(true);
    },
    [Symbol.dispose]: typed.close,
  };
}

/** Some terminals say that they have none. */
function columnsOf({ columns = 0 }: World['stdout']): number {
  return columns > 0 ? columns : DEFAULT_COLUMNS;
}

function createPlainScreen(world: World): ChatScreen {
  const typed = readLines(createInterface({ input: world.stdin, terminal: false }), world);
  return {
    lines: typed.lines,
    show: (lines) => void world.stdout.write(`${lines.join('\n')}\n`),
    // It changes all the time, and nobody looks at it.
    setStatus: () => undefined,
    [Symbol.dispose]: typed.close,
  };
}

interface TypedLines {
  readonly lines: AsyncIterable<string>;
  readonly close: () => void;
}

function readLines(editor: Interface, { stop }: World): TypedLines {
  // From the beginning, and paused when nobody takes them.
  const lines = editor[Symbol.asyncIterator]();
  function close(): void {
    editor.close();
  }
  editor.on('SIGINT', close);
  editor.on('close', () => stop.removeEventListener('abort', close));
  stop.addEventListener('abort', close, { once: true });
  if (stop.aborted) close();
  return { lines: { [Symbol.asyncIterator]: () => lines }, close };
}
