// Every key of `daemon.yml`, for people. spec: daemon-and-cli 1.4
import { type DaemonConfig, type Provider, PROVIDERS } from '../config/agent-config.ts';
import { DEFAULT_MODELS } from '../config/runtime-defaults.ts';
import type { Setting } from './settings-reference.ts';

export const DAEMON_SETTINGS: readonly Setting<DaemonConfig>[] = [
  {
    key: 'default_provider',
    value: '`anthropic`, `openai` or `google`',
    example: 'openai',
    select: ({ defaultProvider }) => defaultProvider,
    meaning: 'for `chat-local` agents that name no provider',
  },
  {
    key: 'skills_dir',
    value: 'path',
    example: 'skills',
    select: ({ skillsDir }) => skillsDir,
    meaning: 'kept for 0.7.2; has no effect',
  },
  {
    key: 'reconcile_interval_seconds',
    value: 'seconds, 0.5 or more',
    example: '10',
    select: ({ reconcileIntervalSeconds }) => reconcileIntervalSeconds,
    meaning: 'how often the daemon looks at the files of the home',
  },
  {
    key: 'runtime_heartbeat_seconds',
    value: 'seconds, 1 or more',
    example: '10',
    select: ({ runtimeHeartbeatSeconds }) => runtimeHeartbeatSeconds,
    meaning: 'how often `runtime.json` of an agent is looked after',
  },
  {
    key: 'docker_memory_limit',
    value: 'size, or empty',
    example: '2g',
    select: ({ dockerMemoryLimit }) => dockerMemoryLimit,
    meaning: 'of `cli-docker`: what one agent may use',
  },
  {
    key: 'docker_memory_reservation',
    value: 'size, or empty',
    example: '1g',
    select: ({ dockerMemoryReservation }) => dockerMemoryReservation,
    meaning: 'of `cli-docker`: what is set aside for one agent',
  },
  ...PROVIDERS.flatMap((provider) => providerSettings(provider)),
  {
    key: 'bridge.enabled',
    value: 'yes or no',
    example: 'no',
    select: ({ bridge }) => bridge.enabled,
    meaning: 'of the bridge for browsers, which is not there yet',
    waitsForStart: true,
  },
  {
    key: 'bridge.bind_host',
    value: 'address',
    example: '127.0.0.2',
    select: ({ bridge }) => bridge.bindHost,
    meaning: 'the same',
    waitsForStart: true,
  },
  {
    key: 'bridge.port',
    value: 'port',
    example: '7001',
    select: ({ bridge }) => bridge.port,
    meaning: 'the same',
    waitsForStart: true,
  },
  {
    key: 'bridge.allowed_origins',
    value: 'list of addresses',
    example: 'https://chat.example.org',
    select: ({ bridge }) => bridge.allowedOrigins,
    meaning: 'the same: web pages that may use it',
    waitsForStart: true,
  },
  {
    key: 'data_service.enabled',
    value: 'yes or no',
    example: 'no',
    select: ({ dataService }) => dataService.enabled,
    meaning: 'whether agents may read their own history through the daemon',
    waitsForStart: true,
  },
  {
    key: 'data_service.bind_host',
    value: 'address of this machine',
    example: '127.0.0.2',
    select: ({ dataService }) => dataService.bindHost,
    meaning: 'where it listens; only loopback is taken, because it shows private messages',
    waitsForStart: true,
  },
  {
    key: 'data_service.port',
    value: 'port',
    example: '7002',
    select: ({ dataService }) => dataService.port,
    meaning: 'the same; when it is taken, another one is used',
    waitsForStart: true,
  },
  {
    key: 'message_retention_days',
    value: 'whole number',
    example: '90',
    select: ({ messageRetentionDays }) => messageRetentionDays,
    meaning: 'messages and their files are forgotten after so many days; `0`: never',
    isAddition: true,
  },
  {
    key: 'embedded_server.enabled',
    value: 'yes or no',
    example: 'yes',
    select: ({ embeddedServer }) => embeddedServer.enabled,
    meaning: 'whether the daemon runs a chat server of its own, for this machine only; `quickstart` turns it on',
    isAddition: true,
    waitsForStart: true,
  },
  {
    key: 'embedded_server.port',
    value: 'port',
    example: '7003',
    select: ({ embeddedServer }) => embeddedServer.port,
    meaning: 'where it listens; `0`: not chosen yet. Agents know the server by it, so leave it as it is',
    isAddition: true,
    waitsForStart: true,
  },
];

function providerSettings(provider: Provider): readonly Setting<DaemonConfig>[] {
  return [
    {
      key: `${provider}.api_key`,
      value: 'secret',
      example: 'sk-1',
      select: ({ providers }) => providers[provider].apiKey,
      meaning: 'key for agents that have none of their own',
    },
    {
      key: `${provider}.model`,
      value: 'text',
      example: 'another-model',
      select: ({ providers }) => providers[provider].model,
      meaning: `model for agents that name none; without it, \`${DEFAULT_MODELS[provider]}\``,
    },
  ];
}
