export { type ControlServer, type ControlServerOptions, startControlServer } from './control/start-control-server.ts';
export { DaemonError, type DaemonErrorCode } from './daemon-error.ts';
export { type DataService, type DataServiceOptions, startDataService } from './data-service/start-data-service.ts';
export {
  type EmbeddedServer,
  type EmbeddedServerOptions,
  startEmbeddedServer,
} from './embedded-server/start-embedded-server.ts';
export { createDaemonLogs, type DaemonLogs, type DaemonLogsOptions } from './logs/create-daemon-logs.ts';
export type { LiveAgent, Supervisor } from './supervisor/supervisor.ts';
export type { RuntimeFacts } from './worker/runtime-keeper.ts';
export { type AgentStore, type AgentStoreOptions, type CallReply, openAgentStore } from './store/agent-store.ts';
export type { InboxState, ReplyState, TurnState } from './store/agent-schema.ts';
export type { ContextLimits, TakenContext } from './store/context-messages.ts';
export type { HistoryMessage, NewHistoryMessage } from './store/history-message.ts';
export type { HistoryPage, HistoryPlace, HistoryReader } from './store/history-reader.ts';
export { type HistoryStore, type HistoryStoreOptions, openHistoryStore } from './store/history-store.ts';
export type { InboxStatus } from './store/inbox-queries.ts';
export type { Arrival, InboxEntry } from './store/inbox-row.ts';
export type { UnreadableArrival } from './store/record-arrivals.ts';
export type { Recovery } from './store/recover-turns.ts';
export type { PendingReply, ReplyResult } from './store/replies.ts';
export type { MessageOutcome, Release, ReleaseResult, Settlement, Turn, TurnReport } from './store/turns.ts';
