export { type Admission, type AdmissionFacts, admit, type Band, STALE_AFTER_MS } from './inbox/admit.ts';
export { type Conversation, conversationKey, type InboxMessage, threadKey } from './inbox/inbox-message.ts';
export { nextMoment, type PlanLimits, planTurn, type TurnPlan, type WaitingMessage } from './turn/plan-turn.ts';
export { assemblePrompt, type MemoryNote, type PromptParts } from './prompt/assemble-prompt.ts';
export { type FinishedTurn, type Reply, selectReply, SILENT_MARKER } from './reply/select-reply.ts';
export {
  type FailedTurn,
  FAILURE_CLASSES,
  type FailureClass,
  type FailureVerdict,
  judgeFailure,
} from './retry/judge-failure.ts';
