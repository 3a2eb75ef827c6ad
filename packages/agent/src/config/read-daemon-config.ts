// `daemon.yml` as a value. spec: daemon-and-cli 1.4
import type { DaemonConfig, EmbeddedServerConfig, ProviderConfig, ServiceConfig } from './agent-config.ts';
import { PROVIDERS } from './agent-config.ts';
import { createFieldReader, type FieldReader } from './field-reader.ts';
import type { YamlNode } from './yaml-node.ts';

const DEFAULT_ORIGINS: readonly string[] = ['https://chat.puffo.ai', 'http://localhost:5173', 'http://127.0.0.1:5173'];
const LEAST_INTERVAL_SECONDS = 0.5;
const LEAST_HEARTBEAT_SECONDS = 1;
const MAX_PORT = 65_535;

export interface DaemonReading {
  readonly config: DaemonConfig;
  readonly warnings: readonly string[];
  /** Why the file cannot be used; `config` has defaults in place of what is wrong. */
  readonly problem: string | undefined;
}

/** `undefined`: there is no file, or nothing in it. */
export function readDaemonConfig(root: YamlNode | undefined): DaemonReading {
  const warnings: string[] = [];
  const reasons: string[] = [];
  const fields = createFieldReader(root, {
    warn: (text) => warnings.push(`daemon.yml: ${text}`),
    refuse: (reason) => reasons.push(reason),
  });
  const defaultProvider = fields.text('default_provider', 'anthropic');
  if (!PROVIDERS.some((each) => each === defaultProvider)) {
    warnings.push(`daemon.yml: unknown default_provider '${defaultProvider}': anthropic is used`);
  }
  const bridge = fields.section('bridge');
  const config: DaemonConfig = {
    defaultProvider,
    skillsDir: fields.text('skills_dir'),
    reconcileIntervalSeconds: Math.max(
      LEAST_INTERVAL_SECONDS,
      fields.decimal('reconcile_interval_seconds', { fallback: 2 }),
    ),
    runtimeHeartbeatSeconds: Math.max(
      LEAST_HEARTBEAT_SECONDS,
      fields.decimal('runtime_heartbeat_seconds', { fallback: 5 }),
    ),
    dockerMemoryLimit: fields.text('docker_memory_limit', '1.5g'),
    dockerMemoryReservation: fields.text('docker_memory_reservation', '500m'),
    providers: {
      anthropic: readProvider(fields.section('anthropic')),
      openai: readProvider(fields.section('openai')),
      google: readProvider(fields.section('google')),
    },
    bridge: { ...readService(bridge, 63_387), allowedOrigins: readOrigins(bridge) },
    dataService: readService(fields.section('data_service'), 63_386),
    messageRetentionDays: fields.integer('message_retention_days', { fallback: 0, atLeast: 0 }),
    embeddedServer: readEmbeddedServer(fields.section('embedded_server')),
  };
  return { config, warnings, problem: reasons.length === 0 ? undefined : reasons.join('; ') };
}

function readProvider(fields: FieldReader): ProviderConfig {
  return { apiKey: fields.text('api_key'), model: fields.text('model') };
}

function readService(fields: FieldReader, defaultPort: number): ServiceConfig {
  const port = fields.integer('port', { fallback: defaultPort, atLeast: 0 });
  return {
    enabled: fields.flag('enabled', true),
    bindHost: fields.text('bind_host', '127.0.0.1'),
    port: port > MAX_PORT ? defaultPort : port,
  };
}

/** There is none unless the file says so. */
function readEmbeddedServer(fields: FieldReader): EmbeddedServerConfig {
  const port = fields.integer('port', { fallback: 0, atLeast: 0 });
  return { enabled: fields.flag('enabled', false), port: port > MAX_PORT ? 0 : port };
}

function readOrigins(fields: FieldReader): readonly string[] {
  const origins = fields.list('allowed_origins');
  return origins.length === 0 ? DEFAULT_ORIGINS : origins;
}
