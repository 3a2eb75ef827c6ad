// What can be done to a home, with or without a daemon.
export { DEFAULT_MODELS, isConfigured, resolveApiKey, resolveProvider } from '@puffo/agent/config';
export { type DaemonFile, readDaemonFile } from '../home/daemon-file.ts';
export { findReadyPid } from '../run/daemon-ready.ts';
export type { PairingRecord } from '../home/pairing-record.ts';
export {
  embeddedServerFolder,
  embeddedServerUrl,
  type ServerCommand,
  serverCommand,
  type ServerCommandOptions,
} from '../embedded-server/embedded-server-place.ts';
export { enableEmbeddedServer } from '../embedded-server/enable-embedded-server.ts';
export { archiveAgent, type Archiving } from './archive-agent.ts';
export { type AgentConnection, connectAgent } from './connect-agent.ts';
export { checkUpdate, createHttpChannel, type UpdateCheck, type VersionChannel } from './check-update.ts';
export {
  configure,
  type OfferedKey,
  readSettings,
  requireProvider,
  type SettingChanges,
  type Settings,
} from './configure.ts';
export {
  type AgentCreation,
  checkCreation,
  createAgent,
  type CreatedAgent,
  findKey,
  type KeySource,
} from './create-agent.ts';
export { editProfile } from './edit-profile.ts';
export { type EngineProblem, type EngineToExamine, findEngineProblem } from './find-engine-problem.ts';
export { type AgentExport, exportAgent, type ExportedAgent } from './export-agent.ts';
export { apiStatus, type ApiStatus, showPairing, unpair } from './pairing.ts';
export { refreshPing, type RefreshPing } from './refresh-ping.ts';
export { renameAgent, type Renaming } from './rename-agent.ts';
export { type RuntimeChange, type RuntimeChanges, setRuntime, showRuntime } from './set-runtime.ts';
export { pauseAgent, resumeAgent, type StateChange } from './set-state.ts';
export { type AgentDetails, type RuntimeDetails, showAgent } from './show-agent.ts';
export { stopDaemon, type StopOptions, type StopResult } from './stop-daemon.ts';
