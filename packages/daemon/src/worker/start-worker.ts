// The life of a worker: files, client, engine, then listening and turns until somebody stops it or something breaks.
// spec: daemon-and-cli 3.3 to 3.5, 3.12
import { isConfigured } from '@puffo/agent/config';
import { type Closer, createCloser, createDeferred } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import { prepareAgent } from '../prepare/prepare-agent.ts';
import { type LiveAgent, startLiveAgent } from './live-agent.ts';
import { openAgentClient } from './open-agent-client.ts';
import type { LiveAgentParts } from './turn-parts.ts';
import type { Worker, WorkerFailure, WorkerOptions } from './worker.ts';
import { workerFailureOf } from './worker-error.ts';

const DEFAULT_GRACE_MS = 10_000;

export function startWorker(options: WorkerOptions): Worker {
  const { agent, host, keeper } = options;
  const logger = host.loggerOf(agent.id);
  const stopping = new AbortController();
  const stopped = createDeferred<void>();
  const warm = createDeferred<void>();
  let graceMs = DEFAULT_GRACE_MS;
  let config = options.config;
  let failure: WorkerFailure | undefined;
  let live: LiveAgent | undefined;

  async function warmUp(closer: Closer): Promise<LiveAgentParts> {
    stopping.signal.throwIfAborted();
    const { home, homeFolder, daemonConfig, environment } = host;

    function prepare() {
      return prepareAgent({ home, agent, config, homeFolder, logger });
    }

    const prepared = await prepare();
    if (!isConfigured(config.puffoCore)) throw notConfigured(agent.id);
    const opened = closer.use(await openAgentClient({ agent, config, host, logger }));
    const request = { home, agent, config, daemon: daemonConfig(), environment, logger };
    const engine = await host.openEngine(request, stopping.signal);
    return { ...opened, ...engine, prepared, prepare, agent, host, keeper, logger, config: () => config };
  }

  async function work(): Promise<void> {
    await using closer = createCloser();
    const parts = await options.warmUp(() => warmUp(closer));
    live = closer.use(await startLiveAgent(parts, { graceMs: () => graceMs }));
    warm.resolve();
    await Promise.race([stopped.promise, live.broken]);
    // A turn of an agent that is broken has nothing to write to.
    if (!stopping.signal.aborted) graceMs = 0;
  }

  async function run(): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (stopping.signal.aborted) return;
      failure = workerFailureOf(error);
      logger.debug('worker-failed', { stack: error instanceof Error ? error.stack : undefined });
      keeper.note({ status: 'error', phase: 'backoff', error: failure.message, connectedAt: undefined });
    } finally {
      warm.resolve();
    }
  }

  async function stop(how: { readonly graceMs: number }): Promise<void> {
    graceMs = how.graceMs;
    stopping.abort();
    stopped.resolve();
    await ended;
  }

  keeper.note({ phase: 'starting' });
  const ended = run();
  return {
    agentId: agent.id,
    get failure() {
      return failure;
    },
    warm: warm.promise,
    ended,
    applyConfig(next) {
      config = next;
    },
    retryDeferred: () => live?.retryDeferred(),
    changeApproval: async (changing) => live?.changeApproval(changing),
    stop,
    [Symbol.asyncDispose]: () => stop({ graceMs }),
  };
}

/** The normal picture right after `agent create`. spec: daemon-and-cli 3.3 */
function notConfigured(id: string): DaemonError {
  const message = `Cannot connect agent '${id}': fill in puffo_core.server_url, puffo_core.slug, puffo_core.device_id and puffo_core.space_id in its agent.yml`;
  return new DaemonError(message, { code: 'invalid-argument' });
}
