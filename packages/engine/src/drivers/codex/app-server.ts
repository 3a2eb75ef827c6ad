// Speaks JSON-RPC with `codex app-server`: requests of ours are answered or end with the program, requests of the program are
// always answered. spec: runtimes 10.3.2
import type { JsonObject } from '@puffo/base';
import type { ProgramHandle } from '../../program/program-placement.ts';
import { type FrameId, readFrame } from './read-frame.ts';

export type Answer =
  | { readonly kind: 'result'; readonly result: JsonObject }
  | { readonly kind: 'error'; readonly message: string; readonly word: string }
  /** The program is no more. */
  | { readonly kind: 'ended' };

export interface Notification {
  readonly method: string;
  readonly params: JsonObject;
}

export interface ServerRequest extends Notification {
  /** Of this program; others begin anew. */
  readonly id: FrameId;
}

export interface AppServerOwner {
  take(notification: Notification): void;
  /** `undefined`: a method that we do not know. Never fails. */
  answer(request: ServerRequest): Promise<JsonObject | undefined>;
  /** Nothing comes any more. */
  end(): void;
}

export interface AppServer {
  /** Never rejects. */
  ask(method: string, params: JsonObject): Promise<Answer>;
  /** Never rejects: a program that is gone misses nothing. */
  tell(method: string): Promise<void>;
}

const METHOD_NOT_FOUND = -32_601;

/** Reads until the program ends. */
export function openAppServer(program: ProgramHandle, owner: AppServerOwner): AppServer {
  const waiting = new Map<FrameId, (answer: Answer) => void>();
  let lastId = 0;
  let isOver = false;

  async function send(frame: JsonObject): Promise<boolean> {
    if (isOver) return false;
    try {
      await program.write(JSON.stringify(frame));
      return true;
    } catch {
      // It has ended, which its output says as well.
      return false;
    }
  }

  async function answerRequest(request: ServerRequest): Promise<void> {
    const { id } = request;
    const result = await owner.answer(request);
    const error = { code: METHOD_NOT_FOUND, message: 'This client does not know that method' };
    await send(result === undefined ? { id, error } : { id, result });
  }

  function settle(id: FrameId, answer: Answer): void {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  }

  function takeLine(line: string): void {
    const frame = readFrame(line);
    switch (frame?.kind) {
      case 'result':
        return settle(frame.id, { kind: 'result', result: frame.result });
      case 'error':
        return settle(frame.id, { kind: 'error', message: frame.message, word: frame.word });
      case 'request':
        void answerRequest(frame);
        return undefined;
      case 'notification':
        return owner.take(frame);
      case undefined:
        // Nothing that we could answer.
        return undefined;
    }
  }

  async function readAll(): Promise<void> {
    try {
      for await (const line of program.lines) takeLine(line);
    } finally {
      isOver = true;
      for (const id of waiting.keys()) settle(id, { kind: 'ended' });
      owner.end();
    }
  }

  // How it ended is what `program.ended` says.
  void readAll().catch(() => undefined);
  return {
    ask(method, params) {
      const id = ++lastId;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        void send({ id, method, params }).then((isSent) => {
          if (!isSent) settle(id, { kind: 'ended' });
        });
      });
    },
    async tell(method) {
      await send({ method });
    },
  };
}
