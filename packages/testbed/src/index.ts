export type { ReplyHandler } from './providers/choose-reply.ts';
export { FakeProviderError, type FakeProviderErrorCode } from './providers/errors.ts';
export {
  type FakeProvider,
  type FakeProviderOptions,
  type ProviderUrls,
  startFakeProvider,
} from './providers/fake-provider.ts';
export {
  type AnswerOptions,
  type AnswerReply,
  type AnswerStep,
  type ErrorDetails,
  type FakeReply,
  type FinishReason,
  replies,
  type TokenUsage,
} from './providers/fake-reply.ts';
export {
  type AnsweredBy,
  type Credential,
  type FakeRequest,
  findLastUserText,
  type Outcome,
  type ProviderApi,
  type ProviderOperation,
  type RequestView,
  type ViewedMessage,
  type ViewedToolCall,
  type ViewedToolResult,
} from './providers/fake-request.ts';
export { createGate, type Gate } from './providers/gate.ts';
export type { ProviderErrorName } from './providers/provider-error.ts';
export type { RequestPredicate } from './providers/request-log.ts';
export { isCliSideJob, type SideJobTest } from './providers/side-jobs.ts';
