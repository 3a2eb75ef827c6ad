// What a daemon gives to every worker: made once, shared by all, closed by the daemon.
import type { AgentConfig, DaemonConfig } from '@puffo/agent/config';
import type { Clock, Logger, Random } from '@puffo/base';
import type { Platform } from '@puffo/client';
import type { Engine } from '@puffo/engine';
import type { WrapPool } from '@puffo/protocol';
import type { IdleFiles } from '@puffo/sql';
import type { CredentialKeeper } from '../credentials/create-credential-keeper.ts';
import type { AgentPaths, Home } from '../home/home.ts';
import type { ToolEndpointServer } from '../tools/endpoint/start-tool-endpoint.ts';

export interface WorkerHost {
  readonly home: Home;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the user. */
  readonly homeFolder: string;
  /** As `process.platform`. */
  readonly platform: string;
  readonly clock: Clock;
  readonly random: Random;
  /** How clients reach their servers. */
  readonly network: Platform;
  readonly wrapPool: WrapPool;
  /** Of the databases of all agents; absent: as many stay open as are used. */
  readonly idleFiles?: IdleFiles;
  /** As it is now: the file may change while the daemon runs. */
  readonly daemonConfig: () => DaemonConfig;
  readonly openEngine: OpenEngine;
  /** Where programs reach the tools of their agents; absent: only engines that need no address have tools. */
  readonly toolEndpoint?: Pick<ToolEndpointServer, 'issue'> | undefined;
  /** Absent: nobody looks after the logins of the user. */
  readonly credentials?: CredentialKeeper | undefined;
  /** Names the agent in each line. */
  readonly loggerOf: (agentId: string) => Logger;
}

export interface EngineRequest {
  readonly home: Home;
  readonly agent: AgentPaths;
  readonly config: AgentConfig;
  readonly daemon: DaemonConfig;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

export interface OpenedEngine {
  readonly engine: Engine;
  /** For `SessionOptions.model`. */
  readonly model: string;
}

/** Everything heavy that an engine needs before its first turn. Fails with a `DaemonError` or `EngineError` that says what to do. */
export type OpenEngine = (request: EngineRequest, signal: AbortSignal) => Promise<OpenedEngine>;
