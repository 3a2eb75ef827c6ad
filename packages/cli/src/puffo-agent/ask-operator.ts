// Questions on standard output; the end of input is an empty answer. Keys are read without an echo.
// spec: daemon-and-cli 4.1, 4.2, D-2
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { DaemonError } from '@puffo/daemon/home';
import { createLineReader, type LineReader } from '../input/line-reader.ts';
import type { AgentWorld } from './agent-world.ts';
import { StoppedError } from './stopped-error.ts';

const MAX_CHARACTERS = 4096;

export interface Operator {
  ask(question: string): Promise<string>;
  /** What is typed does not appear. */
  askSecret(question: string): Promise<string>;
  close(): void;
}

export function createOperator({ stdin, stdout, stop }: AgentWorld): Operator {
  let reader: LineReader | undefined;

  async function askPipe(question: string): Promise<string> {
    stdout.write(question);
    reader ??= createLineReader(stdin);
    const line = await reader.next();
    stdout.write('\n');
    return line ?? '';
  }

  async function askTerminal(question: string, isSecret: boolean): Promise<string> {
    stdout.write(question);
    const output = isSecret ? new Writable({ write: (_chunk, _encoding, done) => done() }) : stdout;
    const editor = createInterface({ input: stdin, output, terminal: true, historySize: 0 });
    try {
      return await new Promise<string>((resolve, reject) => {
        function giveUp(): void {
          if (!isSecret) stdout.write('\n');
          reject(new StoppedError());
        }
        editor.on('SIGINT', giveUp);
        editor.on('close', () => resolve(''));
        stop.addEventListener('abort', giveUp, { once: true });
        // The question again, because the editor draws the line anew from its start.
        editor.question(isSecret ? '' : question, resolve);
      });
    } finally {
      editor.close();
      if (isSecret) stdout.write('\n');
    }
  }

  async function ask(question: string, isSecret: boolean): Promise<string> {
    const answer = (await (stdin.isTTY === true ? askTerminal(question, isSecret) : askPipe(question))).trim();
    if (answer.length <= MAX_CHARACTERS) return answer;
    throw new DaemonError(`the answer has more than ${MAX_CHARACTERS} characters`, { code: 'invalid-argument' });
  }

  return {
    ask: (question) => ask(question, false),
    askSecret: (question) => ask(question, true),
    close: () => reader?.close(),
  };
}
