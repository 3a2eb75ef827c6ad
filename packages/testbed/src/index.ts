export { type NetworkServer, type NetworkServerOptions, startNetworkServer } from './network/network-server.ts';
export { createTestInbox, type TestInbox } from './network/test-inbox.ts';
export {
  type NewUserOptions,
  startTestNetwork,
  type TestNetwork,
  type TestNetworkOptions,
} from './network/test-network.ts';
export type { Guest, TestSpace } from './network/test-space.ts';
export { type TestUser, type TestUserOptions, toRoute } from './network/test-user.ts';
export { TestbedError, type TestbedErrorCode } from './network/testbed-error.ts';
export { waitFor, type WaitOptions } from './network/wait-for.ts';
export type { Crowd, PersonAndAgent, SharedPlace, TwoPeople, Worlds } from './network/worlds.ts';
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
export type { CountedFault, FaultKind } from './proxy/fault-kind.ts';
export type { FaultCounts, FaultFilter, FaultRates } from './proxy/fault-plan.ts';
export { type FlakyProxy, type FlakyProxyOptions, startFlakyProxy } from './proxy/flaky-proxy.ts';
export type { ProxySettings } from './proxy/proxy-core.ts';
