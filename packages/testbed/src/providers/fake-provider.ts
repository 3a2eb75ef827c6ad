// Model providers on loopback that speak the wire formats of Anthropic, OpenAI and Google, for SDKs and CLIs alike. A test
// scripts what they answer, and sees what they were asked.
// spec: runtimes 10.6
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, type Random, systemClock, systemRandom } from '@puffo/base';
import { createReplySource, type ReplyHandler } from './choose-reply.ts';
import type { FakeReply } from './fake-reply.ts';
import type { FakeRequest, ProviderApi } from './fake-request.ts';
import { handleRequest, type ProviderCore } from './handle-request.ts';
import { createRequestLog, type RequestPredicate } from './request-log.ts';
import { isCliSideJob, type SideJobTest } from './side-jobs.ts';
import { anthropic } from './wire/anthropic.ts';
import type { Dialect } from './wire/dialect.ts';
import { google } from './wire/google.ts';
import { openaiChat } from './wire/openai-chat.ts';
import { createOpenaiResponses } from './wire/openai-responses.ts';

export interface FakeProviderOptions {
  /** Answers every turn that neither script nor handler answers. Without it such a turn is `unexpected` and gets a 500. */
  readonly defaultReply?: FakeReply;
  /** `script`: side jobs take their answer from the script like every turn. Default: `answer`, and the script is left alone. */
  readonly sideJobs?: 'answer' | 'script';
  /** What counts as a side job. Default: `isCliSideJob`. */
  readonly isSideJob?: SideJobTest;
  /** Default: nothing of interest, as JSON where a schema asks for it. */
  readonly sideJobReply?: FakeReply;
  /** Keys that are good. Default: every key. */
  readonly keys?: readonly string[];
  /** Models that exist. Default: every model. */
  readonly models?: readonly string[];
  readonly maxBodyBytes?: number;
  /** The log forgets its oldest requests beyond this. */
  readonly maxRequests?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface ProviderUrls {
  readonly anthropic: string;
  readonly openai: string;
  readonly google: string;
}

export interface FakeProvider extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** For the environment of CLIs: `ANTHROPIC_BASE_URL`, `OPENAI_BASE_URL`, `GOOGLE_GEMINI_BASE_URL`. */
  readonly baseUrls: ProviderUrls;
  /** For the `baseURL` option of the AI SDK's providers, which contains the version. */
  readonly sdkBaseUrls: ProviderUrls;
  /** In the order of arrival. Their outcomes change while they are answered. */
  readonly requests: readonly FakeRequest[];
  /** Requests that nobody had an answer for. */
  readonly unexpected: readonly FakeRequest[];
  /** Oldest requests that are no longer in `requests`. */
  readonly forgotten: number;
  /** Replies that wait in the script. */
  readonly remainingReplies: number;
  /** Appends replies; each answers one turn, in the order of arrival. */
  script(replies: readonly FakeReply[]): void;
  /** Answers turns that find the script empty. The last handler counts. */
  respond(handler: ReplyHandler): void;
  /** The turns: requests for an answer, without side jobs. */
  calls(api: ProviderApi): readonly FakeRequest[];
  /** The first request, past or future, that fits. Looked at again whenever something changes. */
  waitFor(predicate: RequestPredicate, options?: { readonly timeoutMs?: number }): Promise<FakeRequest>;
}

/** What Anthropic takes at most. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_REQUESTS = 1000;
const MAX_LOG_BYTES = 128 * 1024 * 1024;
const WAIT_TIMEOUT_MS = 20_000;

/** Longer than any test waits between two requests: a connection that we close just then fails the next one. */
const KEEP_ALIVE_MS = 120_000;

export async function startFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const closing = new AbortController();
  const core = createCore(options, closing.signal);
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) => {
    const handling = handleRequest(core, { message, response }).catch((error: unknown) => {
      // A defect of the fake: the client sees the connection end, the test sees the error.
      response.destroy();
      failures.push(error);
    });
    running.add(handling);
    void handling.finally(() => running.delete(handling));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;

  async function close(): Promise<void> {
    closing.abort();
    core.log.close();
    const ended = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await ended;
    await Promise.all(running);
    if (failures.length > 0) throw new AggregateError(failures, 'Cannot close cleanly: the fake provider failed');
  }

  return {
    ...describeUrls(`http://127.0.0.1:${port}`),
    ...createControls(core),
    get requests() {
      return core.log.requests;
    },
    get unexpected() {
      return core.log.requests.filter(({ answeredBy }) => answeredBy === 'unexpected');
    },
    get forgotten() {
      return core.log.forgotten;
    },
    get remainingReplies() {
      return core.replies.length;
    },
    [Symbol.asyncDispose]() {
      closed ??= close();
      return closed;
    },
  };
}

function createCore(options: FakeProviderOptions, closing: AbortSignal): ProviderCore {
  const { clock = systemClock, random = systemRandom, sideJobs = 'answer', isSideJob = isCliSideJob } = options;
  const dialects = new Map<ProviderApi, Dialect>([
    ['anthropic', anthropic],
    ['openai-chat', openaiChat],
    ['openai-responses', createOpenaiResponses()],
    ['google', google],
  ]);
  return {
    log: createRequestLog({ maxRequests: options.maxRequests ?? MAX_REQUESTS, maxBytes: MAX_LOG_BYTES }),
    replies: createReplySource({
      isSideJob: sideJobs === 'answer' ? isSideJob : () => false,
      sideJobReply: options.sideJobReply,
      defaultReply: options.defaultReply,
    }),
    rules: { keys: options.keys, models: options.models },
    maxBodyBytes: options.maxBodyBytes ?? MAX_BODY_BYTES,
    now: clock,
    closing,
    createId: createIdMaker(random),
    findDialect: ({ api }) => dialects.get(api),
  };
}

const INSTANCE_BYTES = 6;
const COUNTER_DIGITS = 8;

/** Clients remember ids across restarts of a provider, so two providers never make the same one. */
function createIdMaker(random: Random): (prefix: string) => string {
  const instance = Buffer.from(random.bytes(INSTANCE_BYTES)).toString('hex');
  let count = 0;
  return (prefix) => `${prefix}${instance}${String(++count).padStart(COUNTER_DIGITS, '0')}`;
}

function describeUrls(url: string): Pick<FakeProvider, 'url' | 'baseUrls' | 'sdkBaseUrls'> {
  return {
    url,
    baseUrls: { anthropic: url, openai: `${url}/v1`, google: url },
    sdkBaseUrls: { anthropic: `${url}/v1`, openai: `${url}/v1`, google: `${url}/v1beta` },
  };
}

function createControls({
  log,
  replies,
}: ProviderCore): Pick<FakeProvider, 'script' | 'respond' | 'calls' | 'waitFor'> {
  return {
    script: (next) => replies.append(next),
    respond: (handler) => replies.setHandler(handler),
    calls: (api) =>
      log.requests.filter(
        (request) => request.api === api && request.operation === 'generate' && request.answeredBy !== 'side_job',
      ),
    waitFor: (predicate, { timeoutMs = WAIT_TIMEOUT_MS } = {}) => log.waitFor(predicate, timeoutMs),
  };
}
