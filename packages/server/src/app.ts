// The HTTP side: limits, authentication and schemas in front of the handlers, errors and metrics behind them. The only
// file that knows Fastify.
import {
  decodeJson,
  type EndpointDefinition,
  type EndpointName,
  getEndpoint,
  LIMITS,
  parseBody,
  parseParams,
  parseQuery,
} from '@puffo/protocol';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { AuthenticateRequest } from './auth/authenticate-request.ts';
import type { Caller } from './auth/caller.ts';
import type { ServerContext } from './context.ts';
import { ServerError } from './errors.ts';
import { errorToHttp } from './errors-to-http.ts';
import { mayReadMetrics } from './operations/may-read-metrics.ts';
import { JsonStream, type Route } from './routes/define-route.ts';

const REQUEST_TIMEOUT_MS = 60_000;
const MAX_PARAM_CHARACTERS = 512;
const MINUTE_MS = 60_000;
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'cross-origin',
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

export interface AppDeps {
  readonly context: ServerContext;
  readonly authenticate: AuthenticateRequest;
  readonly routes: readonly Route[];
}

/** Not yet listening. */
export function createApp({ context, authenticate, routes }: AppDeps): FastifyInstance {
  const app = Fastify({
    logger: false,
    trustProxy: context.settings.trustProxy,
    bodyLimit: LIMITS.blobBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAM_CHARACTERS },
    // The signature covers the target as it was sent; nothing may rewrite it.
    exposeHeadRoutes: false,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    await applyCors(context, request, reply);
  });
  app.setErrorHandler((error, request, reply) => sendError(context, { error, request, reply }));
  app.setNotFoundHandler((request, reply) => {
    const error = new ServerError('NOT_FOUND', 'There is no such route');
    return sendError(context, { error, request, reply });
  });
  for (const route of routes) addRoute(app, { context, authenticate, route });
  addMetricsRoute(app, context);
  return app;
}

function addRoute(app: FastifyInstance, deps: Omit<AppDeps, 'routes'> & { readonly route: Route }): void {
  const { context, route } = deps;
  const endpoint: EndpointDefinition = getEndpoint(route.name);
  app.route({
    method: endpoint.method,
    // A colon is a parameter to the router unless it is doubled.
    url: endpoint.path.replaceAll(':', '::').replaceAll(/\{(\w+)\}/g, ':$1'),
    bodyLimit: Math.max(endpoint.maxBodyBytes, 1),
    handler: async (request, reply) => {
      const startedAt = performance.now();
      reply.raw.once('close', () => {
        const durationMs = performance.now() - startedAt;
        context.metrics.requestEnded({ endpoint: route.name, status: reply.statusCode, durationMs });
        context.log.debug('request', { endpoint: route.name, status: reply.statusCode, durationMs });
      });
      const answer = await serve(request, { ...deps, endpoint });
      reply.code(endpoint.status);
      return send(reply, answer);
    },
  });
}

/** For the administrator, so it is no part of the protocol's table. */
function addMetricsRoute(app: FastifyInstance, { settings, metrics }: ServerContext): void {
  app.get('/metrics', async ({ headers, socket }, reply) => {
    const isAllowed = mayReadMetrics({ headers, peerAddress: socket.remoteAddress }, settings.metricsToken);
    // As if there were no such route: whether there is one is nobody else's business.
    if (!isAllowed) throw new ServerError('NOT_FOUND', 'There is no such route');
    const { contentType, text } = await metrics.read();
    return reply.header('content-type', contentType).send(text);
  });
}

async function serve(
  request: FastifyRequest,
  deps: Omit<AppDeps, 'routes'> & { readonly route: Route; readonly endpoint: EndpointDefinition },
): Promise<unknown> {
  const { context, authenticate, route, endpoint } = deps;
  const rawBody = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
  const address = request.ip;
  const caller = await findCaller(request, { context, authenticate, endpoint, rawBody });
  const row = getEndpoint(route.name);
  const call = {
    context,
    params: parseParams(row, request.params),
    query: parseQuery(row, request.query),
    body: endpoint.body === 'bytes' ? rawBody : readBody(rawBody, { row, endpoint, name: route.name }),
    caller,
    address,
  };
  return route.handle(call as never);
}

interface CallerDeps {
  readonly context: ServerContext;
  readonly authenticate: AuthenticateRequest;
  readonly endpoint: EndpointDefinition;
  readonly rawBody: Uint8Array;
}

/** Whoever has proven who they are counts by identity; everybody else, failed proofs included, by where they are. */
async function findCaller(
  request: FastifyRequest,
  { context, authenticate, endpoint: { auth }, rawBody: body }: CallerDeps,
): Promise<Caller | undefined> {
  const { perAddress, perIdentity } = context.settings.limits;
  const byAddress = { key: `address ${request.ip}`, perMinute: perAddress };
  if (auth === 'none') {
    await limit(context, byAddress);
    return undefined;
  }
  const { method, headers, raw } = request;
  let caller: Caller;
  try {
    caller = await authenticate({ method, target: raw.url ?? '/', headers, body }, auth);
  } catch (error) {
    await limit(context, byAddress);
    throw error;
  }
  await limit(context, { key: `identity ${caller.slug}`, perMinute: perIdentity });
  return caller;
}

/** An empty body is an empty object. spec: wire-protocol 5.2 */
function readBody(
  rawBody: Uint8Array,
  { row, endpoint, name }: { row: ReturnType<typeof getEndpoint>; endpoint: EndpointDefinition; name: EndpointName },
): unknown {
  if (endpoint.body === undefined) return undefined;
  const json = rawBody.length === 0 ? {} : decodeJson(rawBody, { what: name, maxLength: endpoint.maxBodyBytes });
  return parseBody(row, json);
}

async function limit(context: ServerContext, { key, perMinute }: { key: string; perMinute: number }): Promise<void> {
  const retryAfterSeconds = await context.limiter.take(key, { limit: perMinute, windowMs: MINUTE_MS });
  if (retryAfterSeconds === undefined) return;
  throw new ServerError('RATE_LIMITED', 'Too many requests', { retryAfterSeconds });
}

function send(reply: FastifyReply, answer: unknown): unknown {
  if (answer instanceof Uint8Array) {
    return reply
      .header('content-type', 'application/octet-stream')
      .header('content-disposition', 'attachment')
      .send(answer);
  }
  reply.header('content-type', 'application/json; charset=utf-8');
  if (answer instanceof JsonStream) return reply.send(answer.stream);
  return answer === undefined ? reply.send('') : reply.send(JSON.stringify(answer));
}

function sendError(
  context: ServerContext,
  { error, request, reply }: { error: unknown; request: FastifyRequest; reply: FastifyReply },
): FastifyReply {
  const answer = errorToHttp(asServerError(error, request));
  if (answer.isDefect) {
    const problem = error instanceof Error ? (error.stack ?? error.message) : 'unknown';
    context.log.error('request-failed', { route: request.routeOptions.url ?? 'none', problem });
  }
  return reply
    .code(answer.status)
    .headers(answer.headers)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(answer.body));
}

/** What Fastify itself refuses before a handler runs. */
function asServerError(error: unknown, request: FastifyRequest): unknown {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  if (error instanceof ServerError || typeof status !== 'number' || status >= 500) return error;
  if (status === 413) {
    const isBlob = request.routeOptions.url?.startsWith('/blobs') ?? false;
    return new ServerError(isBlob ? 'FILE_TOO_LARGE' : 'MESSAGE_TOO_LONG', 'The body is too large');
  }
  return new ServerError('INVALID_PAYLOAD', 'The request cannot be read');
}

async function applyCors({ settings }: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { origin } = request.headers;
  if (origin === undefined || !settings.corsOrigins.includes(origin)) return;
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'retry-after',
    vary: 'Origin',
  });
  if (request.method !== 'OPTIONS') return;
  await reply
    .code(204)
    .headers({
      'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE',
      'access-control-allow-headers':
        'content-type, x-puffo-version, x-puffo-slug, x-puffo-signer-id, x-puffo-timestamp, x-puffo-nonce, x-puffo-signature',
      'access-control-max-age': '600',
    })
    .send();
}
