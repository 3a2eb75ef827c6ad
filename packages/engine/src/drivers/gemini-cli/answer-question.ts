// Questions of Gemini CLI: put to whoever decides, and the decision in its words. spec: runtimes 5.9, 10.4
import type { JsonObject } from '@puffo/base';
import type { AskPermission, PermissionDecision } from '../../spec/permission.ts';
import { CALLED_OFF } from './acp-peer.ts';
import type { AcpOption, AcpQuestion } from './read-acp-message.ts';

export interface QuestionAnswer {
  readonly result: JsonObject;
  readonly isDenied: boolean;
}

export interface QuestionOptions {
  /** Absent: everything is denied. */
  readonly ask: AskPermission | undefined;
  readonly signal: AbortSignal;
}

/** Never rejects: who cannot ask denies. */
export async function answerQuestion(
  { call, description, options }: AcpQuestion,
  { ask, signal }: QuestionOptions,
): Promise<QuestionAnswer> {
  if (signal.aborted) return GIVEN_UP;
  if (ask === undefined) return select(options, DENY);
  const request = { requestId: call.callId, toolName: call.name, input: call.input, description };
  const decided = ask(request, signal).then(
    (decision) => select(options, decision),
    () => select(options, DENY),
  );
  const answer = await Promise.race([decided, untilAborted(signal)]);
  return signal.aborted ? GIVEN_UP : answer;
}

const GIVEN_UP: QuestionAnswer = { result: CALLED_OFF, isDenied: true };

/** Who decides may take no notice, and the turn has to end all the same. */
function untilAborted(signal: AbortSignal): Promise<QuestionAnswer> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(GIVEN_UP), { once: true });
  });
}

/** The program tells the model no more than that it was refused. */
const DENY: PermissionDecision = { kind: 'deny', message: '' };

/** For a whole server, or for ever, is more than was allowed. */
const FOR_SESSION = ['proceed_always_tool', 'proceed_always'];

function select(options: readonly AcpOption[], decision: PermissionDecision): QuestionAnswer {
  const option = decision.kind === 'deny' ? findKind(options, 'reject_once') : findAllowing(options, decision.scope);
  const isDenied = decision.kind === 'deny' || option === undefined;
  if (option === undefined) return { result: CALLED_OFF, isDenied };
  return { result: { outcome: { outcome: 'selected', optionId: option.optionId } }, isDenied };
}

function findAllowing(options: readonly AcpOption[], scope: 'once' | 'session'): AcpOption | undefined {
  const lasting = FOR_SESSION.map((id) => options.find(({ optionId }) => optionId === id)).find(Boolean);
  return (scope === 'session' ? lasting : undefined) ?? findKind(options, 'allow_once');
}

function findKind(options: readonly AcpOption[], kind: string): AcpOption | undefined {
  return options.find((option) => option.kind === kind);
}
