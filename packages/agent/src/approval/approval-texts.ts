// What an operator reads when an agent may not do something by itself, and what its model reads of their decision.
// spec: runtimes 5.9
import type { JsonValue } from '@puffo/base';
import { durationText } from '../reminder/reminder-notice.ts';
import { cleanLine, takeCharacters } from '../text/clean-text.ts';
import { showArguments, visibleJson } from './show-arguments.ts';

const MAX_NAME_CHARACTERS = 100;
const MAX_DESCRIPTION_CHARACTERS = 300;
/** Of the arguments in a notice: the model knows them from its own turn. */
const MAX_NOTICE_INPUT_CHARACTERS = 1000;

export interface ApprovalQuestion {
  readonly approvalId: string;
  readonly agentId: string;
  /** What people call the agent. */
  readonly displayName: string;
  readonly toolName: string;
  /** The exact arguments. */
  readonly input: JsonValue;
  /** What the engine says that it is about; may be empty. */
  readonly description: string;
  /** The agent waits so long before it goes on with something else. */
  readonly waitMs: number;
  /** So long an answer counts. */
  readonly openMs: number;
}

export function approvalQuestion(question: ApprovalQuestion): string {
  const { approvalId, toolName, input, waitMs, openMs } = question;
  const { lines, isCut } = showArguments(input);
  const description = cleanLine(question.description, MAX_DESCRIPTION_CHARACTERS);
  return [
    `${agentName(question)} asks: may I use the tool \`${toolText(toolName)}\`?`,
    ...(description === '' ? [] : [`What it says that this is for: ${description}`]),
    ['```', ...lines, '```'].join('\n'),
    ...(isCut ? [`Not everything is shown: \`puffo-agent approvals show ${approvalId}\` prints all of it.`] : []),
    [
      'Answer in this thread: `y` (this once), `n`, or `always` (this tool with exactly these arguments, from now on',
      'without a question).',
    ].join(' '),
    `I wait ${durationText(waitMs)} for it, then I go on without, and come back to it when you answer within ${durationText(openMs)}. Until you do, it is not done.`,
  ].join('\n\n');
}

export type ClosedApproval = 'allowed' | 'always' | 'denied' | 'expired' | 'withdrawn';

/** To an operator who answers what is over. */
export function approvalClosed(state: ClosedApproval): string {
  switch (state) {
    case 'allowed':
    case 'always':
      return 'That question was answered with yes before; this answer changed nothing.';
    case 'denied':
      return 'That question was answered with no before; this answer changed nothing, and nothing was run.';
    case 'expired':
      return 'That question is closed: nobody answered in time, so it was refused. Nothing was run.';
    case 'withdrawn':
      return 'That question is closed: the work that it was part of ended. Nothing was run; I ask again when it is needed.';
  }
}

/** To an operator who never answered. */
export function approvalExpired(openMs: number): string {
  return `Nobody answered within ${durationText(openMs)}, so this is refused. Nothing was run.`;
}

export interface DecidedCall {
  readonly toolName: string;
  readonly input: JsonValue;
}

/** To the model, in the conversation that it asked from, after it went on without. */
export function approvalNotice(decision: 'allow' | 'always' | 'deny', { toolName, input }: DecidedCall): string {
  const call = callText({ toolName, input });
  if (decision === 'deny') return `Your operator refused ${call}. Do not try it again in another way.`;
  const how =
    decision === 'always'
      ? 'It is allowed from now on with exactly these arguments.'
      : 'You may do it once, with exactly these arguments.';
  return `Your operator allowed ${call}. ${how} Do it now if it is still wanted and not done yet.`;
}

/** To the model, when there is no decision yet. */
export function approvalPending(openMs: number): string {
  return [
    'Your operator was asked and has not answered yet, so this was not done.',
    'Go on without it and say that you wait for your operator: you will be told when they decide',
    `(the question stays open for ${durationText(openMs)}).`,
  ].join(' ');
}

export const APPROVAL_DENIALS = {
  refused: 'Your operator refused this. Do not try it again in another way.',
  'no-operator':
    'This needs the consent of an operator, and this agent has none who could be asked, so it was not done.',
  'not-asked': 'This needs the consent of your operator, and the question could not be sent, so it was not done.',
  'too-many': 'Too many questions to your operator are open already, so this was not asked and not done.',
  'too-large': 'The arguments are too large to be shown to your operator, so this was not asked and not done.',
  withdrawn: 'The turn ended before your operator decided, so this was not done.',
} as const;

function callText({ toolName, input }: DecidedCall): string {
  const text = visibleJson(input);
  const shown = takeCharacters(text, MAX_NOTICE_INPUT_CHARACTERS);
  return `the tool ${toolText(toolName)} with ${shown}${shown.length === text.length ? '' : '… (cut)'}`;
}

function agentName({ agentId, displayName }: ApprovalQuestion): string {
  const name = cleanLine(displayName, MAX_NAME_CHARACTERS);
  return name === '' ? `Your agent \`${agentId}\`` : `Your agent ${name} (\`${agentId}\`)`;
}

function toolText(toolName: string): string {
  return cleanLine(toolName, MAX_NAME_CHARACTERS).replaceAll('`', '');
}
