// A session whose turns are written down in the audit log. spec: daemon-and-cli 1.14, runtimes 5.12
import { isJsonObject } from '@puffo/base';
import type { EngineEvent, EngineSession, SessionRef, TurnInput } from '@puffo/engine';
import type { AuditLog } from './audit-log.ts';

export interface AuditedSessionOptions {
  readonly audit: AuditLog;
  /** What it was to go on with. */
  readonly resume: SessionRef | undefined;
}

export function auditSession(session: EngineSession, { audit, resume }: AuditedSessionOptions): EngineSession {
  const { isResumed } = session;
  audit.write('session.start', { resume: isResumed, session_id: isResumed ? idOf(resume) : '' });
  return {
    get isResumed() {
      return session.isResumed;
    },
    runTurn: (input, signal) => followTurn(session.runTurn(input, signal), { input, audit }),
    ...(session.steer === undefined ? {} : { steer: session.steer.bind(session) }),
    ...(session.compact === undefined ? {} : { compact: session.compact.bind(session) }),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

interface FollowedTurn {
  readonly input: TurnInput;
  readonly audit: AuditLog;
}

async function* followTurn(
  events: AsyncIterable<EngineEvent>,
  { input, audit }: FollowedTurn,
): AsyncGenerator<EngineEvent, void, void> {
  const startedAt = audit.clock();
  const counts: TurnCounts = { replyLength: 0, toolCalls: 0, eventTypes: {} };
  audit.write('turn.input', { content: input.text });
  for await (const event of events) {
    counts.eventTypes[event.kind] = (counts.eventTypes[event.kind] ?? 0) + 1;
    if (event.kind === 'text') {
      counts.replyLength += event.text.length;
      audit.write('assistant.text', { text: event.text });
    }
    if (event.kind === 'tool_start') {
      counts.toolCalls++;
      audit.write('tool', { name: event.name, input: event.input, id: event.callId });
    }
    if (event.kind === 'turn_end') writeEnd(event, { audit, counts, durationMs: audit.clock() - startedAt });
    yield event;
  }
}

interface TurnCounts {
  replyLength: number;
  toolCalls: number;
  /** How many of each. */
  readonly eventTypes: Record<string, number>;
}

interface TurnEnding {
  readonly audit: AuditLog;
  readonly counts: TurnCounts;
  readonly durationMs: number;
}

function writeEnd(
  { outcome, usage }: Extract<EngineEvent, { readonly kind: 'turn_end' }>,
  { audit, counts, durationMs }: TurnEnding,
): void {
  if (outcome.kind === 'ok') {
    audit.write('turn.end', {
      reply_len: counts.replyLength,
      tool_calls: counts.toolCalls,
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      duration_ms: durationMs,
      event_types: counts.eventTypes,
    });
    return;
  }
  const { failureClass, httpStatus, detail } =
    outcome.kind === 'failed' ? outcome.failure : { failureClass: 'cancelled', httpStatus: undefined, detail: '' };
  const facts = { class: failureClass, code: httpStatus ?? null, error: detail };
  audit.write('turn.failed', { ...facts, tool_calls: counts.toolCalls, duration_ms: durationMs });
}

/** Only the name of a session: some engines keep the whole conversation in what they go on with. */
function idOf(ref: SessionRef | undefined): string {
  if (!isJsonObject(ref)) return '';
  const id = ref['session_id'] ?? ref['codex'];
  return typeof id === 'string' ? id : '';
}
