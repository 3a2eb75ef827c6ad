// One HTTP request through the proxy: read whole, passed on, answered, unless a fault comes in between.
import { once } from 'node:events';
import { type Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { RequestFault } from './fault-kind.ts';
import type { ChosenFault } from './fault-plan.ts';
import { delay, type ProxyCore, stall } from './proxy-core.ts';
import { findRefusal } from './refusal.ts';

/** Above what any endpoint takes or gives. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Of one connection only, and so not passed on. */
const HOP_HEADERS = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

export interface Exchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** Of the connections to the target. */
  readonly agent: Agent;
}

interface Answer {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

export async function forwardRequest(core: ProxyCore, exchange: Exchange): Promise<void> {
  const { message, response } = exchange;
  const fault = core.plan.choose('request', occasionOf(message));
  const body = await readBody(message);
  // Gone, or far too much.
  if (body === undefined) return dropConnection(response);
  if (fault?.kind.startsWith('refuse-') === true) return refuse(core, { response, kind: fault.kind });
  if (fault?.kind === 'drop-request') {
    core.plan.count(fault.kind);
    return dropConnection(response);
  }
  const answer = await askTarget(core, { ...exchange, body });
  if (answer === undefined) return dropConnection(response);
  return giveAnswer(core, { response, answer, fault });
}

/** What a request is matched by. */
export function occasionOf({ method = '', url = '', headers }: IncomingMessage) {
  return { method, path: url, headers } as const;
}

interface GivenAnswer {
  readonly response: ServerResponse;
  readonly answer: Answer;
  readonly fault: ChosenFault<RequestFault> | undefined;
}

async function giveAnswer(core: ProxyCore, { response, answer, fault }: GivenAnswer): Promise<void> {
  if (fault === undefined) return writeAnswer(response, answer);
  const { kind, size } = fault;
  if (kind.startsWith('mask-')) return refuse(core, { response, kind });
  // An answer without a body has no middle.
  const isTruncated = kind === 'truncate-answer' && answer.body.length > 1;
  core.plan.count(kind === 'truncate-answer' && !isTruncated ? 'drop-answer' : kind);
  if (isTruncated) return truncateAnswer(response, answer);
  if (kind === 'drop-answer' || kind === 'truncate-answer') return dropConnection(response);
  await (kind === 'stall-answer' ? stall(core) : delay(core, size));
  writeAnswer(response, answer);
}

function refuse(
  core: ProxyCore,
  { response, kind }: { readonly response: ServerResponse; readonly kind: RequestFault },
): void {
  const refusal = findRefusal(kind, core.settings.retryAfterSeconds);
  if (refusal === undefined) throw new TypeError(`Cannot refuse: ${kind} says no status`);
  core.plan.count(kind);
  response.writeHead(refusal.status, refusal.headers);
  response.end(refusal.body);
}

function writeAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, [...headers]);
  response.end(body);
}

function truncateAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, [...headers]);
  response.write(body.subarray(0, body.length / 2), () => dropConnection(response));
}

function dropConnection(response: ServerResponse): void {
  response.socket?.destroy();
}

/** `undefined`: there is no answer, or no whole one. */
async function askTarget(
  core: ProxyCore,
  { message, body, agent }: Exchange & { readonly body: Buffer },
): Promise<Answer | undefined> {
  const { hostname, port } = core.target;
  const { method, path } = occasionOf(message);
  const headers = [
    ...passedOn(message.rawHeaders),
    ...(body.length > 0 ? ['content-length', String(body.length)] : []),
  ];
  const asking = request({ hostname, port, method, path, headers, agent, signal: core.closed });
  try {
    asking.end(body);
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    const answerBody = await readBody(answer);
    if (answerBody === undefined) return undefined;
    const isBodyless = method === 'HEAD' || answer.statusCode === 204 || answer.statusCode === 304;
    const length = isBodyless ? [] : ['content-length', String(answerBody.length)];
    const own = [...passedOn(answer.rawHeaders), ...length];
    return { status: answer.statusCode ?? 502, headers: own, body: answerBody };
  } catch {
    // Refused, reset, closed: to the client each is a connection that ends.
    return undefined;
  } finally {
    // What it still says after a failure has nobody left to hear it.
    asking.on('error', () => undefined);
  }
}

/** Without those of the connection, and without the length, which is written anew. */
function passedOn(rawHeaders: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (name !== 'content-length' && !HOP_HEADERS.includes(name)) kept.push(name, rawHeaders[at + 1] ?? '');
  }
  return kept;
}

/** The whole of it; `undefined`: it broke off, or is too large. */
export async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    // A stream of the network has one failure: it broke off.
    return undefined;
  }
  return Buffer.concat(chunks);
}
