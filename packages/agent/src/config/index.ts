export {
  type AgentConfig,
  type ChannelTrigger,
  type DaemonConfig,
  type Provider,
  type ProviderConfig,
  PROVIDERS,
  type PuffoCoreConfig,
  RUNTIME_KINDS,
  type RuntimeConfig,
  type RuntimeKind,
  type ServiceConfig,
  type TriggerConfig,
} from './agent-config.ts';
export {
  checkChosenRuntime,
  checkRuntime,
  HARNESS_NAMES,
  migrateKind,
  type RuntimeTriple,
  type RuntimeVerdict,
} from './check-runtime.ts';
export { isConfigured } from './is-configured.ts';
export { needsRestart } from './needs-restart.ts';
export {
  type AgentDraft,
  type AgentReading,
  DEFAULT_MAX_TURNS,
  DEFAULT_PERMISSION_MODE,
  DEFAULT_SERVER_URL,
  readAgentConfig,
  type RuntimeDraft,
} from './read-agent-config.ts';
export { type DaemonReading, readDaemonConfig } from './read-daemon-config.ts';
export {
  DEFAULT_MODELS,
  KEY_VARIABLES,
  type KeySources,
  resolveApiKey,
  resolveHarness,
  resolveModel,
  resolveProvider,
} from './runtime-defaults.ts';
export { findMember, type YamlList, type YamlMap, type YamlNode, type YamlScalar } from './yaml-node.ts';
export { isNullWord, meansMoreThanText } from './yaml-words.ts';
