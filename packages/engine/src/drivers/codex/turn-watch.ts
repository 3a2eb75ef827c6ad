// Follows one turn from what codex sends, from before its id is known until it is over, whoever listens meanwhile.
// spec: runtimes 10.3.2
import { type AsyncQueue, type JsonObject, sleep } from '@puffo/base';
import { NO_USAGE, type TurnEvent } from '../../session/create-session.ts';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailure } from '../../spec/engine.ts';
import { answerRequest } from './answer-request.ts';
import type { AppServerOwner, Notification } from './app-server.ts';
import { TOOL_SERVER } from './codex-arguments.ts';
import type { LiveThread } from './live-thread.ts';
import { objectIn, textIn } from './read-frame.ts';
import type { CodexTurn } from './run-codex-turn.ts';
import { createTurnReader, type TurnReader } from './turn-reader.ts';

export interface TurnWatch extends AppServerOwner {
  begin(): Promise<EngineFailure | undefined>;
  /** Resolves when the turn is over. */
  callOff(): Promise<void>;
  readonly ending: TurnReader['ending'];
  readonly usage: TurnReader['usage'];
  /** A tool of ours runs. */
  readonly isCallingUs: boolean;
}

export function createTurnWatch(turn: CodexTurn, events: AsyncQueue<TurnEvent>): TurnWatch {
  const { thread, method } = turn;
  const over = new AbortController();
  const items = new Map<string, JsonObject>();
  const early: Notification[] = [];
  let reader: TurnReader | undefined;
  let turnId = '';
  let calling: Promise<void> | undefined;

  function end(): void {
    if (over.signal.aborted) return;
    over.abort();
    turn.onTurnId(undefined);
    events.end();
  }

  function add(event: TurnEvent): void {
    // Signs of life are for those who wait, and one is enough.
    if (event.kind === 'progress' && events.size > 0) return;
    if (!events.add(event)) void thread.stop();
  }

  function read(notification: Notification): void {
    for (const event of reader?.read(notification) ?? []) add(event);
    if (reader?.ending !== undefined) end();
  }

  function know(id: string): void {
    turnId = id;
    reader = createTurnReader(id);
    if (method === 'turn/start') turn.onTurnId(id);
    for (const notification of early.splice(0)) read(notification);
  }

  return {
    take(notification) {
      const { params } = notification;
      if (notification.method === 'item/started') {
        const item = objectIn(params, 'item');
        items.set(textIn(item, 'id'), item);
      }
      if (reader !== undefined) return read(notification);
      early.push(notification);
      if (method === 'thread/compact/start' && notification.method === 'turn/started') {
        know(textIn(objectIn(params, 'turn'), 'id'));
      }
      return undefined;
    },
    answer: (request) =>
      answerRequest(request, { ...turn.permissions, findItem: (id) => items.get(id), signal: over.signal }),
    end,
    async begin() {
      const begun = await thread.server.ask(method, { ...turn.params, threadId: thread.threadId });
      if (begun.kind === 'error') {
        end();
        const isTooLarge = begun.word === 'input_too_large';
        return driverFailure(isTooLarge ? 'input_too_large' : 'protocol', begun.message, turn);
      }
      if (begun.kind === 'result' && method === 'turn/start') know(textIn(objectIn(begun.result, 'turn'), 'id'));
      return undefined;
    },
    callOff() {
      calling ??= interrupt(thread, { findTurnId: () => turnId, over: over.signal });
      return calling;
    },
    get ending() {
      return reader?.ending;
    },
    get usage() {
      return reader?.usage ?? NO_USAGE;
    },
    get isCallingUs() {
      return reader?.isCalling(`mcp__${TOOL_SERVER}__`) ?? false;
    },
  };
}

/** What an interrupted turn is given to end; then the program is ended. */
const INTERRUPT_MS = 5000;
const INTERRUPT_POLL_MS = 50;

interface Interrupted {
  findTurnId(): string;
  readonly over: AbortSignal;
}

async function interrupt(thread: LiveThread, { findTurnId, over }: Interrupted): Promise<void> {
  const giveUp = sleep(INTERRUPT_MS, over).then(
    () => thread.stop(),
    () => undefined,
  );
  // A turn that has only just begun cannot be interrupted yet.
  while (!over.aborted) {
    const turnId = findTurnId();
    if (turnId !== '') await thread.server.ask('turn/interrupt', { threadId: thread.threadId, turnId });
    await sleep(INTERRUPT_POLL_MS, over).catch(() => undefined);
  }
  await giveUp;
}
