// Questions to the person. Secrets are read without an echo; from a pipe each answer is one line.
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { CliError } from '../cli-error.ts';
import type { World } from '../world.ts';
import { createLineReader, type LineReader } from './line-reader.ts';

const MAX_ANSWER_CHARACTERS = 4096;

export interface Prompts {
  /** What is typed does not appear. */
  askSecret(question: string): Promise<string>;
  ask(question: string): Promise<string>;
  close(): void;
}

export function createPrompts({ stdin, stderr, stop }: World): Prompts {
  let reader: LineReader | undefined;

  function getReader(): LineReader {
    reader ??= createLineReader(stdin);
    return reader;
  }

  async function askAtTerminal(question: string, isSecret: boolean): Promise<string> {
    const output = isSecret ? createSink() : stderr;
    const prompt = createInterface({ input: stdin, output, terminal: true, historySize: 0 });
    // Not before the editor is there: until then the terminal itself would show what is typed.
    if (isSecret) stderr.write(question);
    try {
      return await readLine(prompt, { question: isSecret ? '' : question, stop });
    } finally {
      prompt.close();
      if (isSecret) stderr.write('\n');
    }
  }

  async function askPipe(question: string): Promise<string> {
    stderr.write(`${question}\n`);
    const line = await getReader().next();
    if (line === undefined) {
      throw new CliError(
        'failed',
        `Cannot ask '${question.replace(/: $/, '')}': standard input has ended, run this at a terminal`,
      );
    }
    return line;
  }

  async function ask(question: string, isSecret: boolean): Promise<string> {
    const answer = stdin.isTTY === true ? await askAtTerminal(question, isSecret) : await askPipe(question);
    if (answer.length > MAX_ANSWER_CHARACTERS) {
      throw new CliError('failed', `Cannot use the answer: it has more than ${MAX_ANSWER_CHARACTERS} characters`);
    }
    return answer;
  }

  return {
    askSecret: (question) => ask(question, true),
    ask: (question) => ask(question, false),
    close: () => reader?.close(),
  };
}

interface LineToRead {
  readonly question: string;
  readonly stop: AbortSignal;
}

function readLine(prompt: Interface, { question, stop }: LineToRead): Promise<string> {
  return new Promise((resolve, reject) => {
    function giveUp(): void {
      reject(new CliError('stopped', 'Stopped: nothing was changed'));
    }
    prompt.on('SIGINT', giveUp);
    // The end of input, Ctrl-D: after an answer it changes nothing any more.
    prompt.on('close', giveUp);
    stop.addEventListener('abort', giveUp, { once: true });
    prompt.question(question, (answer) => {
      stop.removeEventListener('abort', giveUp);
      resolve(answer);
    });
  });
}

/** Takes what the editor would draw. */
function createSink(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
