export { engineChecks } from './conformance/engine-conformance.ts';
export type { ConformanceCheck, EngineHarness } from './conformance/engine-harness.ts';
export type { ChatEngineOptions, ChatFetch, ChatProvider } from './drivers/chat/chat-options.ts';
export { createChatEngine } from './drivers/chat/create-chat-engine.ts';
export { createOfflineEngine, type OfflineEngineOptions } from './drivers/offline/create-offline-engine.ts';
export {
  createScriptedEngine,
  type RecordedSession,
  type RecordedTurn,
  type ScriptedEngine,
  type ScriptedEngineOptions,
  type ScriptedStep,
  type ScriptedTurn,
} from './fake/scripted-engine.ts';
export { scriptedTurns } from './fake/scripted-turns.ts';
export {
  createSession,
  NO_USAGE,
  type SessionDriver,
  type TurnEvent,
  type TurnResult,
} from './session/create-session.ts';
export { driverFailure, type FailureFacts } from './spec/driver-failure.ts';
export type {
  Engine,
  EngineCapabilities,
  EngineEvent,
  EngineFailure,
  EngineFailureClass,
  EngineSession,
  SessionOptions,
  SessionRef,
  TurnInput,
  TurnOutcome,
  Usage,
} from './spec/engine.ts';
export { EngineError, type EngineErrorCode } from './spec/engine-error.ts';
export type { AskPermission, PermissionDecision, PermissionRequest } from './spec/permission.ts';
export type { ToolAnswer, ToolCall, ToolEndpoint, ToolHost, ToolSpec } from './spec/tools.ts';
export type { ProgramCommand, ProgramHandle, ProgramPlacement } from './program/program-placement.ts';
export type { ProgramEngineOptions } from './spec/program-options.ts';
