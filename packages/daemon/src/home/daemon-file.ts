// `daemon.yml`. spec: daemon-and-cli 1.4
import { type DaemonConfig, readDaemonConfig } from '@puffo/agent/config';
import { DaemonError } from '../daemon-error.ts';
import type { YamlEdit } from './edit-yaml.ts';
import type { Home } from './home.ts';
import { renderDocument } from './render-yaml.ts';
import { changeYamlFile, readYamlFile } from './yaml-file.ts';

export interface DaemonFile {
  readonly exists: boolean;
  readonly config: DaemonConfig;
  readonly warnings: readonly string[];
}

/** Defaults when there is no file; fails with `invalid-file` when it says what cannot be meant. */
export async function readDaemonFile({ daemonFile }: Pick<Home, 'daemonFile'>): Promise<DaemonFile> {
  const file = await readYamlFile(daemonFile);
  if (file.kind === 'damaged') throw new DaemonError(file.problem, { code: 'invalid-file' });
  const { config, warnings, problem } = readDaemonConfig(file.kind === 'read' ? file.tree : undefined);
  if (problem !== undefined) {
    const message = `Cannot use ${daemonFile}: ${problem}; repair it with an editor`;
    throw new DaemonError(message, { code: 'invalid-file' });
  }
  return { exists: file.kind === 'read', config, warnings };
}

/** Makes the file with all documented keys when there is none. The home exists. */
export async function changeDaemonFile(
  { daemonFile }: Pick<Home, 'daemonFile'>,
  edits: readonly YamlEdit[],
): Promise<boolean> {
  return changeYamlFile(daemonFile, {
    editsOf: () => edits,
    initial: renderDaemonConfig(readDaemonConfig(undefined).config),
  });
}

/** All keys in the documented order, as 0.7.2 writes them. */
export function renderDaemonConfig({ providers, bridge, dataService, ...config }: DaemonConfig): string {
  return renderDocument({
    default_provider: config.defaultProvider,
    skills_dir: config.skillsDir,
    reconcile_interval_seconds: { decimal: config.reconcileIntervalSeconds },
    runtime_heartbeat_seconds: { decimal: config.runtimeHeartbeatSeconds },
    docker_memory_limit: config.dockerMemoryLimit,
    docker_memory_reservation: config.dockerMemoryReservation,
    anthropic: { api_key: providers.anthropic.apiKey, model: providers.anthropic.model },
    openai: { api_key: providers.openai.apiKey, model: providers.openai.model },
    google: { api_key: providers.google.apiKey, model: providers.google.model },
    bridge: {
      enabled: bridge.enabled,
      bind_host: bridge.bindHost,
      port: bridge.port,
      allowed_origins: bridge.allowedOrigins,
    },
    data_service: { enabled: dataService.enabled, bind_host: dataService.bindHost, port: dataService.port },
  });
}
