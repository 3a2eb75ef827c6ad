export { type Admission, type AdmissionFacts, admit, type Band, STALE_AFTER_MS } from './inbox/admit.ts';
export { type Conversation, conversationKey, type InboxMessage, threadKey } from './inbox/inbox-message.ts';
export { nextMoment, type PlanLimits, planTurn, type TurnPlan, type WaitingMessage } from './turn/plan-turn.ts';
export { renderTurn, type TurnMessage, type TurnToRender } from './turn/render-turn.ts';
export { readMessageBodies } from './turn/message-bodies.ts';
export { assemblePrompt, type MemoryNote, type PromptParts } from './prompt/assemble-prompt.ts';
export { PRIMER_MARKER, type PrimerOptions, primerText } from './prompt/primer.ts';
export { type Skill, SKILLS, skillText } from './prompt/skills.ts';
export { type FinishedTurn, type Reply, selectReply, SILENT_MARKER } from './reply/select-reply.ts';
export { failureNotice, type NoticeFacts, type NoticeClass } from './reply/failure-notice.ts';
export { operatorNotice, type OperatorNoticeFacts } from './reply/operator-notice.ts';
export { type SplitLimits, splitText } from './reply/split-text.ts';
export {
  type FailedTurn,
  FAILURE_CLASSES,
  type FailureClass,
  type FailureVerdict,
  judgeFailure,
} from './retry/judge-failure.ts';
export { isOperatorFailure, type OperatorFailure } from './retry/operator-failure.ts';
export {
  causeText,
  type Health,
  type HealthEvent,
  healthText,
  type HealthWord,
  INITIAL_HEALTH,
  operatorNews,
  reduceHealth,
} from './health/reduce-health.ts';
export { type InviteKeys, judgeInvite } from './invite/judge-invite.ts';
export { readInviteAnswer } from './invite/read-invite-answer.ts';
export {
  inviteConfirmation,
  inviteFailure,
  inviteGone,
  inviteQuestion,
  type InviteQuestion,
  type InviteTarget,
} from './invite/invite-texts.ts';
export { cleanLine, cleanText, countCharacters, takeCharacters } from './text/clean-text.ts';
export { SYSTEM_NOTICE_PREFIX } from './turn/message-block.ts';
export { type DueReminder, durationText, reminderNotice } from './reminder/reminder-notice.ts';
export { type ApprovalAnswer, readApprovalAnswer } from './approval/read-approval-answer.ts';
export {
  APPROVAL_DENIALS,
  approvalClosed,
  approvalExpired,
  approvalNotice,
  approvalPending,
  approvalQuestion,
  type ApprovalQuestion,
  type ClosedApproval,
} from './approval/approval-texts.ts';
export { showArguments, type ShownArguments, visibleJson } from './approval/show-arguments.ts';
