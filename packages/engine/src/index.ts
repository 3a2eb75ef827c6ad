export { engineChecks } from './conformance/engine-conformance.ts';
export type { ConformanceCheck, EngineHarness } from './conformance/engine-harness.ts';
export type { ChatEngineOptions, ChatFetch, ChatProvider } from './drivers/chat/chat-options.ts';
export { createChatEngine } from './drivers/chat/create-chat-engine.ts';
export type { AgentSdkEngineOptions } from './drivers/claude-agent-sdk/agent-sdk-options.ts';
export { createAgentSdkEngine } from './drivers/claude-agent-sdk/create-agent-sdk-engine.ts';
export { type ClaudeCodeOptions, createClaudeCodeEngine } from './drivers/claude-code/create-claude-code-engine.ts';
export type { CodexEngineOptions, CodexGateway } from './drivers/codex/codex-options.ts';
export { createCodexEngine } from './drivers/codex/create-codex-engine.ts';
export { createGeminiCliEngine } from './drivers/gemini-cli/create-gemini-cli-engine.ts';
export { createHermesEngine } from './drivers/hermes/create-hermes-engine.ts';
export type { HermesEngineOptions, HermesProvider } from './drivers/hermes/hermes-options.ts';
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
export { createMcpResponder, type McpResponder, type McpResponderOptions } from './mcp/answer-mcp.ts';
export { PROXY_CALL_ID } from './mcp/read-call-id.ts';
export { createHostPlacement } from './program/create-host-placement.ts';
export { buildProgramEnvironment, type ProgramEnvironmentOptions } from './program/program-environment.ts';
export { createProgramVersions, type ProgramVersion, type ProgramVersions } from './program/program-versions.ts';
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
