// What follows from a turn: every message of it ends in one visible state, or waits again. spec: runtimes 2.7, 2.8, daemon-and-cli
// 3.8, D-3, D-6, D-12
import {
  causeText,
  type FailureClass,
  failureNotice,
  judgeFailure,
  type NoticeClass,
  selectReply,
  splitText,
} from '@puffo/agent';
import type { OutgoingContent } from '@puffo/client';
import { type Route, TEXT_CONTENT_TYPE } from '@puffo/protocol';
import type { InboxEntry } from '../store/inbox-row.ts';
import type { Turn, TurnReport } from '../store/turns.ts';
import type { EngineTurn } from './take-turn.ts';
import type { OutcomeOfTurn } from './runtime-keeper.ts';
import type { TurnParts } from './turn-parts.ts';

/** Long answers are several messages: a person reads in pieces, and a server takes no larger ones. */
const ANSWER_LIMITS = { maxCharacters: 16_000, maxParts: 25 };

export type Conclusion =
  | { readonly kind: 'over'; readonly isGood: true; readonly outcome: OutcomeOfTurn }
  | { readonly kind: 'over'; readonly isGood: false; readonly outcome: NoticeClass; readonly problem: string }
  /** Its messages wait for another turn. */
  | { readonly kind: 'again'; readonly outcome: NoticeClass; readonly problem: string };

/** What the engine did, and what its tools said meanwhile. */
export interface FinishedEngineTurn extends EngineTurn {
  readonly sends: number;
  readonly declined: boolean;
}

export async function concludeTurn(turn: Turn, result: FinishedEngineTurn, parts: TurnParts): Promise<Conclusion> {
  const { outcome, sends, declined } = result;
  // It broke off after it had spoken: people have an answer, and must not get another one.
  if (outcome.kind === 'failed' && sends > 0)
    return endSpoken(turn, { ...outcome, report: reportOf(result, parts) }, parts);
  if (outcome.kind === 'failed') return concludeFailure(turn, { ...outcome, report: reportOf(result, parts) }, parts);
  const reply = selectReply({
    texts: result.texts,
    sends,
    declined,
    speaksByText: parts.engine.capabilities.speaksByText,
  });
  switch (reply.kind) {
    case 'post':
      return answer(turn, { text: reply.text, report: reportOf(result, parts) }, parts);
    case 'said':
      return beSpoken(turn, reportOf(result, parts), parts);
    case 'silent':
      return stayQuiet(turn, { report: reportOf(result, parts), outcome: 'silent' }, parts);
    case 'nothing': {
      const report = reportOf(result, parts);
      // Nobody was asked for anything: an answer without words is none.
      if (!turn.messages.some(isOwedAnAnswer)) return stayQuiet(turn, { report, outcome: 'empty_answer' }, parts);
      const failed = { failureClass: 'protocol', noticeClass: 'empty_answer', retryAfterMs: undefined } as const;
      return concludeFailure(turn, { ...failed, detail: 'the model gave an empty answer', report }, parts);
    }
  }
}

function reportOf({ usage, session }: EngineTurn, { engine }: TurnParts): TurnReport {
  return {
    tokensIn: usage.inputTokens,
    tokensOut: usage.outputTokens,
    session: session === undefined ? undefined : { engine: engine.name, session },
  };
}

async function answer(
  turn: Turn,
  { text, report }: { readonly text: string; readonly report: TurnReport },
  { store, condition }: TurnParts,
): Promise<Conclusion> {
  const last = turn.messages.at(-1);
  if (last === undefined) throw new TypeError('a turn without messages');
  const replies = splitText(text.toWellFormed(), ANSWER_LIMITS).map((part) => replyTo(last, part));
  await store.settleTurn(turn.turnId, { ...report, state: 'done', outcomes: allAnswered(turn), replies });
  condition.note({ kind: 'turn-ok' });
  return { kind: 'over', isGood: true, outcome: 'answered' };
}

async function stayQuiet(
  turn: Turn,
  { report, outcome }: { readonly report: TurnReport; readonly outcome: OutcomeOfTurn },
  { store, condition }: TurnParts,
): Promise<Conclusion> {
  const outcomes = turn.messages.map(({ envelopeId }) => ({ envelopeId, state: 'silent' as const }));
  await store.settleTurn(turn.turnId, { ...report, state: 'done', outcomes });
  condition.note({ kind: 'turn-ok' });
  return { kind: 'over', isGood: true, outcome };
}

async function beSpoken(turn: Turn, report: TurnReport, { store, condition }: TurnParts): Promise<Conclusion> {
  await store.settleTurn(turn.turnId, { ...report, state: 'done', outcomes: allAnswered(turn) });
  condition.note({ kind: 'turn-ok' });
  return { kind: 'over', isGood: true, outcome: 'answered' };
}

async function endSpoken(turn: Turn, failure: TurnFailure, parts: TurnParts): Promise<Conclusion> {
  const { failureClass, report, detail } = failure;
  const { store, condition, sessions, logger } = parts;
  logger.warn('turn-failed', { turnId: turn.turnId, failure: failureClass, hasSpoken: true, detail });
  if (isPoisoned(failureClass)) await sessions.forget();
  const kept = isPoisoned(failureClass) ? { ...report, session: undefined } : report;
  await store.settleTurn(turn.turnId, { ...kept, state: 'failed', outcomes: allAnswered(turn) });
  condition.note({ kind: 'turn-failed', failureClass, gaveUp: false });
  return { kind: 'over', isGood: true, outcome: failureClass };
}

function allAnswered({ messages }: Turn) {
  return messages.map(({ envelopeId }) => ({ envelopeId, state: 'answered' as const }));
}

interface TurnFailure {
  readonly failureClass: FailureClass;
  /** What people are told about, when that is something else. */
  readonly noticeClass?: NoticeClass;
  readonly retryAfterMs: number | undefined;
  readonly detail: string;
  readonly report: TurnReport;
}

async function concludeFailure(turn: Turn, failure: TurnFailure, parts: TurnParts): Promise<Conclusion> {
  const { failureClass, retryAfterMs, detail } = failure;
  const { logger, random, clock, sessions, store } = parts;
  const { turnId } = turn;
  const before = Math.max(...turn.messages.map(({ attempts }) => attempts));
  const attempts = failureClass === 'cancelled' ? before : before + 1;
  logger.warn('turn-failed', { turnId, failure: failureClass, attempts, detail });
  if (failureClass === 'cancelled') {
    await store.releaseTurn(turnId, { ...failure.report, attempts, notBefore: 0, failure: failureClass });
    return { kind: 'again', outcome: failureClass, problem: causeText(failureClass) };
  }
  if (isPoisoned(failureClass)) await sessions.forget();
  // What the engine remembers now would bring back what was forgotten.
  const report = isPoisoned(failureClass) ? { ...failure.report, session: undefined } : failure.report;
  if (failureClass === 'auth') parts.login.refused();
  const verdict = judgeFailure({ failureClass, attempts, retryAfterMs }, random);
  if (verdict.kind === 'retry') {
    const notBefore = clock() + verdict.delayMs;
    await store.releaseTurn(turnId, { ...report, attempts, notBefore, failure: failureClass });
    parts.condition.note({ kind: 'turn-failed', failureClass, gaveUp: false });
    return { kind: 'again', outcome: failure.noticeClass ?? failureClass, problem: problemOf(failure) };
  }
  return giveUp(turn, { ...failure, report, isHeld: verdict.kind === 'hold' }, parts);
}

/** In plain words, for the middle of a sentence. */
function problemOf({ failureClass, noticeClass }: Pick<TurnFailure, 'failureClass' | 'noticeClass'>): string {
  return noticeClass === 'empty_answer' ? 'the AI model gave an empty answer' : causeText(failureClass);
}

/** What the session remembers is the cause, or may be. */
function isPoisoned(failureClass: FailureClass): boolean {
  return failureClass === 'bad_session' || failureClass === 'input_too_large';
}

async function giveUp(
  turn: Turn,
  { failureClass, noticeClass = failureClass, isHeld, report }: TurnFailure & { readonly isHeld: boolean },
  { store, condition }: TurnParts,
): Promise<Conclusion> {
  const state = isHeld ? ('deferred' as const) : ('failed' as const);
  const failure = noticeClass;
  const outcomes = turn.messages.map(({ envelopeId }) => ({ envelopeId, state, failure }));
  condition.note({ kind: 'turn-failed', failureClass, gaveUp: true });
  const replies = noticesOf(turn, { failureClass, noticeClass, isHeld }, condition);
  await store.settleTurn(turn.turnId, { ...report, state: 'failed', outcomes, replies });
  return { kind: 'over', isGood: false, outcome: failure, problem: problemOf({ failureClass, noticeClass }) };
}

interface Notice {
  readonly failureClass: FailureClass;
  readonly noticeClass: NoticeClass;
  readonly isHeld: boolean;
}

function noticesOf(
  turn: Turn,
  { failureClass, noticeClass, isHeld }: Notice,
  condition: TurnParts['condition'],
): readonly OutgoingContent[] {
  const asker = turn.messages.findLast(isOwedAnAnswer);
  if (asker === undefined) return [];
  const isOperatorTold = condition.isOperatorTold(failureClass);
  // The operator reads it in this very conversation.
  if (isOperatorTold && asker.isFromOperator && asker.conversation.kind === 'dm') return [];
  // One for a conversation is enough, as long as the cause is the same.
  if (isHeld && !condition.isFirstNotice(turn.conversation)) return [];
  return [
    replyTo(asker, failureNotice(noticeClass, { isHeld, isOperatorTold: isOperatorTold && !asker.isFromOperator })),
  ];
}

/** Of a message that was in too many turns which ended with the process. */
export function noticeAfterCrashes(message: InboxEntry): OutgoingContent | undefined {
  if (!isOwedAnAnswer(message)) return undefined;
  return replyTo(message, failureNotice('crashed', { isHeld: false, isOperatorTold: false }));
}

/** A person who means this agent. Agents are not told of failures: they might answer. */
function isOwedAnAnswer({ senderType, band }: Pick<InboxEntry, 'senderType' | 'band'>): boolean {
  return senderType === 'human' && band === 1;
}

/** To the conversation of the message and its thread, and nowhere else. spec: daemon-and-cli D-7 */
function replyTo(message: InboxEntry, text: string): OutgoingContent {
  return {
    route: routeOf(message),
    contentType: TEXT_CONTENT_TYPE,
    content: text,
    threadRootId: message.threadRootId,
    // A notice of the daemon is no message that anybody else knows.
    replyToId: message.senderType === 'system' ? null : message.envelopeId,
    isVisibleToHuman: true,
  };
}

function routeOf({ conversation }: InboxEntry): Route {
  if (conversation.kind === 'dm') return { kind: 'dm', recipientSlug: conversation.peerSlug };
  return { kind: 'channel', spaceId: conversation.spaceId, channelId: conversation.channelId };
}
