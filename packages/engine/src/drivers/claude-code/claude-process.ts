// One running Claude Code: hands on what it says, and answers what it asks. spec: runtimes 10.2
import { createDeferred, type Deferred, type JsonObject, systemRandom } from '@puffo/base';
import type { KeptProgram } from '../../program/program-keeper.ts';
import type { ProgramHandle } from '../../program/program-placement.ts';
import { type AnswerSources, createRequestAnswers } from './answer-requests.ts';
import { type ClaudeFrame, readFrame } from './read-frame.ts';

export interface ClaudeProcess extends KeptProgram {
  readonly hasEnded: boolean;
  stderrTail(): string;
  /** Of the frames from now on, in order; what nobody listens to is background. */
  listen(take: (frame: ClaudeFrame) => void): () => void;
  say(text: string, uuid: string): Promise<void>;
  /** Resolves when it is answered; rejects when it is refused, or when the program has ended. */
  control(request: JsonObject): Promise<void>;
  /** Whether it waits for us: for a decision, or for a tool. */
  isWaiting(): boolean;
  /** The questions that are open are not wanted any more. */
  cancelQuestions(): void;
}

const ID_BYTES = 12;

export function createClaudeProcess(program: ProgramHandle, sources: AnswerSources): ClaudeProcess {
  const ending = new AbortController();
  const answers = createRequestAnswers(sources, ending.signal);
  const asked = new Map<string, Deferred<void>>();
  let listener: ((frame: ClaudeFrame) => void) | undefined;

  async function send(frame: JsonObject): Promise<void> {
    await program.write(JSON.stringify(frame));
  }

  async function reply(requestId: string, request: JsonObject): Promise<void> {
    const response = await answers.answer(requestId, request);
    // Nobody is left to hear it when this fails.
    await send({ type: 'control_response', response }).catch(() => undefined);
  }

  function settle({ requestId, error }: Extract<ClaudeFrame, { readonly kind: 'control_response' }>): void {
    const waiting = asked.get(requestId);
    asked.delete(requestId);
    if (error === undefined) waiting?.resolve();
    else waiting?.reject(new Error(error));
  }

  function take(frame: ClaudeFrame): void {
    if (frame.kind === 'control_request') void reply(frame.requestId, frame.request);
    if (frame.kind === 'control_cancel') answers.cancelQuestion(frame.requestId);
    if (frame.kind === 'control_response') settle(frame);
    listener?.(frame);
  }

  async function read(): Promise<void> {
    for await (const line of program.lines) take(readFrame(line));
    await program.ended;
    ending.abort();
    for (const waiting of asked.values()) waiting.reject(new Error('Claude Code has ended'));
    asked.clear();
  }

  const ended = read();
  return {
    ended,
    get hasEnded() {
      return ending.signal.aborted;
    },
    stderrTail: () => program.stderrTail(),
    listen(next) {
      listener = next;
      return () => {
        if (listener === next) listener = undefined;
      };
    },
    say(text, uuid) {
      const message = { role: 'user', content: text };
      return send({ type: 'user', message, parent_tool_use_id: null, session_id: '', uuid });
    },
    async control(request) {
      const requestId = Buffer.from(systemRandom.bytes(ID_BYTES)).toString('hex');
      const waiting = createDeferred<void>();
      asked.set(requestId, waiting);
      await send({ type: 'control_request', request_id: requestId, request });
      await waiting.promise;
    },
    isWaiting: answers.isWaiting,
    cancelQuestions: answers.cancelQuestions,
    async stop() {
      await program.stop();
      await ended;
    },
  };
}
