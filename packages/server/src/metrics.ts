// What is counted, for Prometheus. One registry per server, so that several in one process do not mix.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics extends AsyncDisposable {
  requestEnded(request: { readonly endpoint: string; readonly status: number; readonly durationMs: number }): void;
  deliveriesQueued(count: number): void;
  deliverySent(): void;
  socketsOpen(change: 1 | -1): void;
  /** The text that `GET /metrics` answers. */
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface MetricsOptions {
  /** Deliveries that wait for their device; asked when somebody reads. */
  readonly countQueued?: () => Promise<number>;
}

const SECOND_MS = 1000;
const SECOND_NS = 1e9;
const LOOP_RESOLUTION_MS = 10;
const REQUEST_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export function createMetrics({ countQueued }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'puffo_requests_total',
    help: 'HTTP requests that were answered',
    labelNames: ['endpoint', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'puffo_request_duration_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['endpoint'],
    buckets: REQUEST_BUCKETS_SECONDS,
    registers,
  });
  const queued = new Counter({
    name: 'puffo_deliveries_queued_total',
    help: 'Deliveries, one per message and device, that were stored',
    registers,
  });
  const sent = new Counter({
    name: 'puffo_deliveries_sent_total',
    help: 'Deliveries that were sent to a device, repetitions included',
    registers,
  });
  const sockets = new Gauge({ name: 'puffo_sockets_open', help: 'Sockets of devices on this node', registers });
  addQueueDepth(registers, countQueued);
  addProcess(registers);
  const loop = addEventLoop(registers);
  return {
    requestEnded({ endpoint, status, durationMs }) {
      requests.inc({ endpoint, status });
      durations.observe({ endpoint }, durationMs / SECOND_MS);
    },
    deliveriesQueued: (count) => queued.inc(count),
    deliverySent: () => sent.inc(),
    socketsOpen: (change) => sockets.inc(change),
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    async [Symbol.asyncDispose]() {
      loop.disable();
    },
  };
}

function addQueueDepth(registers: Registry[], countQueued: MetricsOptions['countQueued']): void {
  if (countQueued === undefined) return;
  const depth: Gauge = new Gauge({
    name: 'puffo_delivery_queue_depth',
    help: 'Deliveries that wait for their device, on all nodes',
    registers,
    collect: async () => depth.set(await countQueued()),
  });
}

function addProcess(registers: Registry[]): void {
  const memory: Gauge = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process',
    registers,
    collect: () => memory.set(process.memoryUsage.rss()),
  });
  const heap: Gauge = new Gauge({
    name: 'nodejs_heap_size_used_bytes',
    help: 'JavaScript objects in memory',
    registers,
    collect: () => heap.set(process.memoryUsage().heapUsed),
  });
  const processor: Counter = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time, of user and system',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      processor.reset();
      processor.inc((user + system) / 1e6);
    },
  });
}

/** Since the last reading, so that one bad second does not colour a whole day. */
function addEventLoop(registers: Registry[]) {
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  const delay: Gauge = new Gauge({
    name: 'puffo_event_loop_delay_seconds',
    help: 'How late the event loop was, since the last reading',
    labelNames: ['quantile'],
    registers,
    collect() {
      delay.set({ quantile: '0.5' }, toDelaySeconds(loop.percentile(50)));
      delay.set({ quantile: '0.99' }, toDelaySeconds(loop.percentile(99)));
      delay.set({ quantile: '1' }, toDelaySeconds(loop.count === 0 ? 0 : loop.max));
      loop.reset();
    },
  });
  return loop;
}

/** The monitor counts its own interval as delay. */
function toDelaySeconds(ns: number): number {
  return Math.max(0, ns / SECOND_NS - LOOP_RESOLUTION_MS / SECOND_MS);
}
