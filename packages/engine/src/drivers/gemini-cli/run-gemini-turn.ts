// One turn of Gemini CLI: a prompt goes in, what it says becomes events, its questions are answered. spec: runtimes 2.9, 10.4
import { createAsyncQueue, isJsonObject, type JsonObject, type JsonValue, sleep } from '@puffo/base';
import { createSilenceWatch } from '../../program/silence-watch.ts';
import { NO_USAGE, type TurnEvent, type TurnResult } from '../../session/create-session.ts';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailureClass, TurnInput, Usage } from '../../spec/engine.ts';
import type { AskPermission } from '../../spec/permission.ts';
import { type AcpEvent, type AcpPeer, type AcpReply } from './acp-peer.ts';
import { answerQuestion } from './answer-question.ts';
import { geminiFailure } from './gemini-failure.ts';
import type { AcpCall, AcpUpdate } from './read-acp-message.ts';

export interface GeminiTurn {
  readonly peer: AcpPeer;
  readonly sessionId: string;
  readonly input: TurnInput;
  readonly signal: AbortSignal;
  /** Absent: whatever would need a question is refused. */
  readonly askPermission: AskPermission | undefined;
  readonly silenceMs: number;
  readonly secrets: readonly string[];
  /** Ends a program that does not do what it is told, or cannot go on; the next turn gets another. */
  readonly stop: () => Promise<void>;
  /** The turn will be part of what is resumed. */
  readonly onAccepted: () => void;
  /** What is known of its end. */
  readonly describeEnd: () => Promise<string>;
}

type Occurrence =
  | { readonly kind: 'event'; readonly event: AcpEvent }
  | { readonly kind: 'denied'; readonly call: AcpCall }
  | { readonly kind: 'reply'; readonly reply: AcpReply }
  | { readonly kind: 'silence' };

const MAX_WAITING = 100_000;
/** For a program to leave a turn; then it is ended. */
const CANCEL_MS = 5000;

export async function* runGeminiTurn(turn: GeminiTurn): AsyncGenerator<TurnEvent, TurnResult, void> {
  const { peer, sessionId, input, signal } = turn;
  const happened = createAsyncQueue<Occurrence>(MAX_WAITING);
  const leaving = new AbortController();
  const questions = new Set<Promise<void>>();
  let hasCalled = false;
  const reader = createTurnReader(turn.onAccepted);
  using watch = createSilenceWatch({
    silenceMs: turn.silenceMs,
    isWaiting: () => questions.size > 0,
    onSilence: () => happened.add({ kind: 'silence' }),
  });

  function hear(event: AcpEvent): void {
    watch.touch();
    happened.add({ kind: 'event', event });
    hasCalled ||= isAboutTool(event);
    if (event.kind !== 'permission') return;
    const asked = answerQuestion(event.question, { ask: turn.askPermission, signal: leaving.signal }).then((answer) => {
      peer.answer(event.id, answer.result);
      if (answer.isDenied) happened.add({ kind: 'denied', call: event.question.call });
      questions.delete(asked);
    });
    questions.add(asked);
  }

  function callOff(): void {
    happened.end();
  }

  peer.listen(hear);
  signal.addEventListener('abort', callOff, { once: true });
  const replied = peer.request('session/prompt', {
    sessionId,
    prompt: [{ type: 'text', text: quoteCommand(input.text) }],
  });
  let isReplied = false;
  void replied.then((reply) => {
    isReplied = true;
    happened.add({ kind: 'reply', reply });
    happened.end();
  });
  try {
    for await (const occurrence of happened) {
      if (signal.aborted) break;
      if (occurrence.kind === 'reply') return yield* endTurn(reader, { reply: occurrence.reply, turn });
      if (occurrence.kind === 'silence') return silent(turn);
      yield* occurrence.kind === 'denied' ? reader.end(occurrence.call, true) : reader.take(occurrence.event);
    }
    return { outcome: { kind: 'cancelled' }, usage: NO_USAGE };
  } finally {
    signal.removeEventListener('abort', callOff);
    leaving.abort();
    const isLeft = !isReplied;
    if (isLeft) await leaveTurn(turn, replied);
    // A call without a result stays in its memory, and the provider refuses every later turn: what is stored has none.
    if (isLeft && hasCalled) await turn.stop();
    await Promise.all(questions);
    peer.listen(undefined);
  }
}

function isAboutTool(event: AcpEvent): boolean {
  return event.kind === 'permission' || (event.kind === 'update' && event.update.kind.startsWith('tool_'));
}

/** With a slash or a dollar in front, the program would take it for an order to itself. */
function quoteCommand(text: string): string {
  return /^\s*[/$]/.test(text) ? `Message:\n${text}` : text;
}

async function leaveTurn({ peer, sessionId, stop }: GeminiTurn, replied: Promise<unknown>): Promise<void> {
  peer.notify('session/cancel', { sessionId });
  const waiting = new AbortController();
  const late = sleep(CANCEL_MS, waiting.signal).then(
    () => stop(),
    // It has left in time.
    () => undefined,
  );
  await Promise.race([replied, late]);
  waiting.abort();
}

function silent({ silenceMs }: GeminiTurn): TurnResult {
  const failure = driverFailure('timeout', `Gemini CLI said nothing for ${silenceMs} ms`);
  return { outcome: { kind: 'failed', failure }, usage: NO_USAGE };
}

async function* endTurn(
  reader: TurnReader,
  { reply, turn }: { readonly reply: AcpReply; readonly turn: GeminiTurn },
): AsyncGenerator<TurnEvent, TurnResult, void> {
  switch (reply.kind) {
    case 'ended': {
      const failure = driverFailure('crashed', await turn.describeEnd(), { secrets: turn.secrets });
      return { outcome: { kind: 'failed', failure }, usage: NO_USAGE };
    }
    case 'error':
      return { outcome: { kind: 'failed', failure: geminiFailure(reply.error, turn.secrets) }, usage: NO_USAGE };
    case 'result': {
      const { stopReason } = reply.result;
      const usage = readUsage(reply.result);
      const problem = judgeStop(stopReason);
      if (problem !== undefined) {
        const failure = driverFailure(problem, `Gemini CLI stopped the turn: ${JSON.stringify(stopReason)}`);
        return { outcome: { kind: 'failed', failure }, usage };
      }
      yield* reader.accept();
      yield* reader.flush();
      return { outcome: { kind: 'ok' }, usage };
    }
  }
}

/** `undefined`: the turn is complete. */
function judgeStop(stopReason: JsonValue | undefined): EngineFailureClass | undefined {
  if (stopReason === 'end_turn') return undefined;
  if (stopReason === 'max_tokens') return 'input_too_large';
  return stopReason === 'refusal' ? 'refused' : 'protocol';
}

function readUsage({ _meta: meta }: JsonObject): Usage {
  const quota = isJsonObject(meta) ? meta['quota'] : undefined;
  const counts = isJsonObject(quota) ? quota['token_count'] : undefined;
  if (!isJsonObject(counts)) return NO_USAGE;
  return { inputTokens: toCount(counts['input_tokens']), outputTokens: toCount(counts['output_tokens']) };
}

function toCount(value: JsonValue | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

type Events = Generator<TurnEvent, void, void>;

interface TurnReader {
  take(event: AcpEvent): Events;
  end(call: AcpCall, isError: boolean): Events;
  accept(): Events;
  /** What was said since the last tool. */
  flush(): Events;
}

function createTurnReader(onAccepted: () => void): TurnReader {
  const running = new Set<string>();
  let said = '';
  let isAccepted = false;

  function* flush(): Events {
    if (said.trim() !== '') yield { kind: 'text', text: said };
    said = '';
  }

  function* accept(): Events {
    if (isAccepted) return;
    isAccepted = true;
    onAccepted();
    yield { kind: 'accepted' };
  }

  function* begin({ callId, name, input }: AcpCall): Events {
    if (running.has(callId)) return;
    yield* flush();
    running.add(callId);
    yield { kind: 'tool_start', callId, name, input };
  }

  function* end(call: AcpCall, isError: boolean): Events {
    // Arguments that do not fit the schema are refused without a beginning.
    yield* begin(call);
    running.delete(call.callId);
    yield { kind: 'tool_end', callId: call.callId, isError };
  }

  function* takeUpdate(update: AcpUpdate): Events {
    switch (update.kind) {
      case 'text':
        said += update.text;
        yield { kind: 'progress' };
        return;
      case 'tool_start':
        return yield* begin(update.call);
      case 'tool_end':
        // From here on the program keeps the turn, also when it is killed; a turn without a tool at its end.
        yield* accept();
        return yield* end(update.call, update.isError);
      case 'thought':
        yield { kind: 'progress' };
        return;
      case 'other':
        return;
    }
  }

  return {
    *take(event) {
      if (event.kind === 'update') yield* takeUpdate(event.update);
      if (event.kind === 'permission') yield* begin(event.question.call);
    },
    end,
    accept,
    flush,
  };
}
