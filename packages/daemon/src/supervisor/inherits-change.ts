// Whether a change of `daemon.yml` is one for an agent. spec: daemon-and-cli D-20
import {
  type DaemonConfig,
  resolveApiKey,
  resolveModel,
  resolveProvider,
  type RuntimeConfig,
} from '@puffo/agent/config';

export interface DaemonChange {
  readonly before: DaemonConfig;
  readonly after: DaemonConfig;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function inheritsChange(runtime: RuntimeConfig, { before, after, environment }: DaemonChange): boolean {
  const [then, now] = [before, after].map((daemon) => [
    resolveProvider(runtime, daemon),
    resolveModel(runtime, daemon),
    resolveApiKey({ runtime, daemon, environment }),
    ...(runtime.kind === 'cli-docker' ? inheritedLimits(runtime, daemon) : []),
  ]);
  return then?.some((value, at) => value !== now?.[at]) === true;
}

function inheritedLimits(runtime: RuntimeConfig, daemon: DaemonConfig): readonly string[] {
  return [
    runtime.dockerMemoryLimit === '' ? daemon.dockerMemoryLimit : '',
    runtime.dockerMemoryReservation === '' ? daemon.dockerMemoryReservation : '',
  ];
}
