// One turn of an agent, from messages that wait to messages that are over. Never fails but for the agent's own database.
// spec: daemon-and-cli 3.7
import type { FailureClass } from '@puffo/agent';
import { EngineError } from '@puffo/engine';
import type { EnvelopeId } from '@puffo/protocol';
import type { Turn } from '../store/turns.ts';
import { composeInput } from './compose-input.ts';
import { type Conclusion, concludeTurn } from './conclude-turn.ts';
import { followSelfRequest } from './follow-self-request.ts';
import { type EngineTurn, takeTurn } from './take-turn.ts';
import type { TurnParts } from './turn-parts.ts';

/** Of an agent without tools. */
const NOTHING_SAID = { sends: 0, declined: false };
/** Without any sign of life; turns themselves may last as long as they need. */
const SILENCE_MS = 30 * 60_000;
const CANCELLED = 'Cancelled: the agent was stopped, and goes on with this message when it runs again';

export async function runTurn(turn: Turn, parts: TurnParts, signal: AbortSignal): Promise<void> {
  const { turnId, messages } = turn;
  const { logger, reporter, sessions, tools, clock, condition, approvals } = parts;
  const startedAt = clock();
  logger.info('turn-start', { turnId, messageId: messages[0]?.envelopeId, messages: messages.length });
  reporter.turnStarted(turnId, reportedIds(turn));
  approvals.turnStarted(turn);
  let conclusion: Conclusion | undefined;
  try {
    await followSelfRequest({ ...parts, requests: tools.requests });
    tools.host?.beginTurn(
      turnId,
      messages.map(({ envelopeId }) => envelopeId),
    );
    const result = await askEngine(turn, parts, signal);
    const said = (await tools.host?.endTurn(turnId)) ?? NOTHING_SAID;
    conclusion = await concludeTurn(turn, { ...result, ...said }, parts);
    const { inputTokens: usageIn, outputTokens: usageOut } = result.usage;
    const durationMs = clock() - startedAt;
    const { outcome, kind } = conclusion;
    logger.info('turn-end', { turnId, outcome, isAgain: kind === 'again', durationMs, usageIn, usageOut });
    reportEnd(turn, conclusion, parts);
  } finally {
    // What the session heard was not recorded: it must not remember what nobody else does.
    if (conclusion === undefined) await sessions.drop();
    approvals.turnEnded();
    condition.turnEnded(conclusion?.outcome);
  }
}

async function askEngine(turn: Turn, parts: TurnParts, signal: AbortSignal): Promise<EngineTurn> {
  try {
    const text = await composeInput(turn, parts, signal);
    await parts.login.whenFresh(signal);
    const session = await parts.sessions.get();
    return await takeTurn(session, { input: { turnId: turn.turnId, text }, signal, silenceMs: SILENCE_MS });
  } catch (error) {
    if (signal.aborted) return notTaken('cancelled', 'the agent was stopped');
    if (!(error instanceof EngineError)) throw error;
    // What was configured cannot work: the next session may, when it is put right.
    return notTaken(error.code === 'bad-option' ? 'bad_model' : 'crashed', error.message);
  }
}

function notTaken(failureClass: FailureClass, detail: string): EngineTurn {
  return {
    outcome: { kind: 'failed', failureClass, retryAfterMs: undefined, detail },
    texts: [],
    toolCalls: 0,
    usage: { inputTokens: 0, outputTokens: 0 },
    session: undefined,
  };
}

/** For people: what keeps the agent from answering; `undefined`: nothing. */
function problemOf(conclusion: Conclusion): string | undefined {
  if (conclusion.outcome === 'cancelled') return CANCELLED;
  if (conclusion.kind === 'again') return `Trying again later: ${conclusion.problem}`;
  return conclusion.isGood ? undefined : `No answer: ${conclusion.problem}`;
}

/** Said first, then reported: whoever sees the mark sees the answer. spec: daemon-and-cli D-15 */
function reportEnd(turn: Turn, conclusion: Conclusion, { pump, reporter, logger }: TurnParts): void {
  const { turnId } = turn;
  const messageIds = reportedIds(turn);
  const isGood = conclusion.kind === 'over' && conclusion.isGood;
  pump.delivered(turnId).then(
    (isDelivered) => {
      const errorText = isGood && !isDelivered ? 'The answer could not be sent' : problemOf(conclusion);
      reporter.turnEnded(turnId, { messageIds, succeeded: isGood && isDelivered, errorText });
    },
    // The pump reports it: this worker ends.
    () => logger.debug('turn-end-not-reported', { turnId }),
  );
}

/** The server knows nothing of notices. */
function reportedIds({ messages }: Turn): readonly EnvelopeId[] {
  return messages.filter(({ senderType }) => senderType !== 'system').map(({ envelopeId }) => envelopeId);
}
