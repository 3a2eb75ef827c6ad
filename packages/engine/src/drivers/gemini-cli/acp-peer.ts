// The conversation with a running Gemini CLI: our requests and their replies, and what it says and asks by itself.
// spec: runtimes 10.4
import { createDeferred, type Deferred, type JsonObject } from '@puffo/base';
import type { ProgramHandle } from '../../program/program-placement.ts';
import { type AcpError, type AcpId, type AcpMessage, readAcpMessage } from './read-acp-message.ts';

export type AcpReply =
  | { readonly kind: 'result'; readonly result: JsonObject }
  | { readonly kind: 'error'; readonly error: AcpError }
  /** The program is gone. */
  | { readonly kind: 'ended' };

export type AcpEvent = Extract<AcpMessage, { readonly kind: 'update' | 'permission' | 'other' }>;

export interface AcpPeer {
  /** Never rejects. */
  request(method: string, params: JsonObject): Promise<AcpReply>;
  notify(method: string, params: JsonObject): void;
  answer(id: AcpId, result: JsonObject): void;
  /** What the program says by itself, in order, to one listener at a time. Without one, questions are called off. */
  listen(listener: ((event: AcpEvent) => void) | undefined): void;
}

const METHOD_NOT_FOUND = -32_601;
export const CALLED_OFF: JsonObject = { outcome: { outcome: 'cancelled' } };

export function createAcpPeer(program: ProgramHandle): AcpPeer {
  const waiting = new Map<number, Deferred<AcpReply>>();
  let hear: ((event: AcpEvent) => void) | undefined;
  let lastId = 0;
  let isEnded = false;

  function send(message: JsonObject): void {
    // Whoever waits for an answer hears of the end.
    program.write(JSON.stringify({ jsonrpc: '2.0', ...message })).catch(() => undefined);
  }

  function settle(id: number, reply: AcpReply): void {
    waiting.get(id)?.resolve(reply);
    waiting.delete(id);
  }

  function take(message: AcpMessage): void {
    switch (message.kind) {
      case 'result':
        return settle(message.id, { kind: 'result', result: message.result });
      case 'error':
        return settle(message.id, { kind: 'error', error: message.error });
      case 'request':
        return send({ id: message.id, error: { code: METHOD_NOT_FOUND, message: 'Not offered' } });
      case 'permission':
        if (hear === undefined) return send({ id: message.id, result: CALLED_OFF });
        return hear(message);
      case 'update':
      case 'other':
        return hear?.(message);
    }
  }

  async function read(): Promise<void> {
    for await (const line of program.lines) take(readAcpMessage(line));
  }

  function end(): void {
    isEnded = true;
    for (const id of waiting.keys()) settle(id, { kind: 'ended' });
  }

  void read()
    // Its output broke, which is its end.
    .catch(() => undefined)
    .then(() => program.ended)
    .then(end);

  return {
    request(method, params) {
      if (isEnded) return Promise.resolve({ kind: 'ended' });
      const id = ++lastId;
      const reply = createDeferred<AcpReply>();
      waiting.set(id, reply);
      send({ id, method, params });
      return reply.promise;
    },
    notify: (method, params) => send({ method, params }),
    answer: (id, result) => send({ id, result }),
    listen(listener) {
      hear = listener;
    },
  };
}
