// What `agent.yml` and `daemon.yml` say, read and with defaults. spec: daemon-and-cli 1.4, 1.5, 1.6
export const RUNTIME_KINDS = ['chat-local', 'sdk-local', 'cli-local', 'cli-docker'] as const;
export type RuntimeKind = (typeof RUNTIME_KINDS)[number];
export const PROVIDERS = ['anthropic', 'openai', 'google'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** `''` means: take the default. */
export interface RuntimeConfig {
  readonly kind: RuntimeKind;
  readonly provider: Provider | '';
  readonly model: string;
  /** Secret. */
  readonly apiKey: string;
  /** Own addition: where an OpenAI-compatible server, or a gateway, is. */
  readonly baseUrl: string;
  readonly allowedTools: readonly string[];
  readonly dockerImage: string;
  readonly dockerMemoryLimit: string;
  readonly dockerMemoryReservation: string;
  readonly permissionMode: string;
  readonly harness: string;
  readonly maxTurns: number;
  /** Own addition: answers with the built-in offline model, which is no AI, until there is a real one. */
  readonly offline: boolean;
  /** Own addition, of `cli-local`: after so long without a turn its program is ended; the next turn starts it again. 0: never. */
  readonly idleShutdownMinutes: number;
  /** Own addition, of `chat-local`: the model may call tools. The other kinds always have them. */
  readonly tools: boolean;
}

export type ChannelTrigger = 'all' | 'mention' | 'off';

export interface TriggerConfig {
  readonly onMention: boolean;
  readonly onDm: boolean;
  /** Own addition: messages of channels that do not mention the agent. Absent in the file means `true`, as 0.7.2 behaves. */
  readonly onChannel: boolean;
  /** Own addition, by channel id. */
  readonly channels: Readonly<Record<string, ChannelTrigger>>;
}

export interface PuffoCoreConfig {
  readonly serverUrl: string;
  readonly slug: string;
  readonly deviceId: string;
  readonly spaceId: string;
  readonly operatorSlug: string;
}

export interface AgentConfig {
  readonly id: string;
  /** Anything but `running` and `paused` is kept as it is: it warns, and changes nothing. */
  readonly state: string;
  readonly displayName: string;
  readonly avatarUrl: string;
  /** s */
  readonly createdAt: number;
  readonly puffoCore: PuffoCoreConfig;
  readonly runtime: RuntimeConfig;
  readonly profile: string;
  readonly memoryDir: string;
  readonly workspaceDir: string;
  readonly triggers: TriggerConfig;
}

export interface ProviderConfig {
  /** Secret. */
  readonly apiKey: string;
  readonly model: string;
}

export interface DaemonConfig {
  readonly defaultProvider: string;
  readonly skillsDir: string;
  readonly reconcileIntervalSeconds: number;
  readonly runtimeHeartbeatSeconds: number;
  readonly dockerMemoryLimit: string;
  readonly dockerMemoryReservation: string;
  readonly providers: Readonly<Record<Provider, ProviderConfig>>;
  readonly bridge: ServiceConfig & { readonly allowedOrigins: readonly string[] };
  readonly dataService: ServiceConfig;
  /** Own addition: whole days after which messages and their files are forgotten; 0: never. */
  readonly messageRetentionDays: number;
  /** Own addition: a chat server of this home, on this machine only. */
  readonly embeddedServer: EmbeddedServerConfig;
}

export interface EmbeddedServerConfig {
  readonly enabled: boolean;
  /** Agents know the server by it, so it stays the same; 0: not chosen yet. */
  readonly port: number;
}

export interface ServiceConfig {
  readonly enabled: boolean;
  readonly bindHost: string;
  readonly port: number;
}
