// One request from its first byte to the last byte of its answer: judged, recorded, answered.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, isJsonObject } from '@puffo/base';
import { answerOperation } from './answer-operation.ts';
import { findDoorProblem, readBody, type RequestRules } from './check-request.ts';
import type { ReplySource } from './choose-reply.ts';
import { EMPTY_VIEW, type Outcome } from './fake-request.ts';
import { parseJson, stringAt } from './json-access.ts';
import { createOutgoing, isClientGone, type Outgoing } from './outgoing.ts';
import { type Exchange, playError, type Played, playReply } from './play-reply.ts';
import { findCredential } from './read-credential.ts';
import { readRequestLine, type ReceivedBody, receiveBody } from './read-request.ts';
import type { RequestLog, RequestRecord } from './request-log.ts';
import { type RequestLine, routeRequest } from './route-request.ts';
import { type Dialect, type ReadResult, refuseWith, type Route } from './wire/dialect.ts';

export interface ProviderCore {
  readonly log: RequestLog;
  readonly replies: ReplySource;
  readonly rules: RequestRules;
  readonly maxBodyBytes: number;
  readonly now: Clock;
  /** Aborted when the provider closes. */
  readonly closing: AbortSignal;
  createId(prefix: string): string;
  /** `undefined` for requests that belong to no API. */
  findDialect(route: Route): Dialect | undefined;
}

export async function handleRequest(
  core: ProviderCore,
  { message, response }: { readonly message: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const outgoing = createOutgoing(response, core.closing);
  const line = readRequestLine(message);
  const route = routeRequest(line);
  const received = await receiveBody(message, core.maxBodyBytes);
  const judged = judge(core, { line, route, received });
  const record = core.log.add(createRecord(core, { line, route, received, judged }));
  const exchange = createExchange(core, { route, record, outgoing });
  try {
    const isWhole = received.kind !== 'incomplete';
    const outcome = isWhole ? await answer(core, { judged, record, exchange }) : findEarlyEnd(core);
    core.log.update(record, { outcome });
  } catch (error) {
    if (!isClientGone(error)) throw error;
    core.log.update(record, { outcome: findEarlyEnd(core) });
  }
}

/** Who ended a connection that nobody should have ended. */
function findEarlyEnd({ closing }: ProviderCore): Outcome {
  return closing.aborted ? 'cut' : 'aborted_by_client';
}

interface Arrived {
  readonly line: RequestLine;
  readonly route: Route;
  readonly received: ReceivedBody;
}

/** Whether the real provider would take the request. */
function judge(core: ProviderCore, { line, route, received }: Arrived): ReadResult {
  const view = { ...EMPTY_VIEW, model: route.model };
  const problem = findDoorProblem(line, route, core.rules);
  if (problem !== undefined) return problem;
  if (received.kind === 'too_large') return refuseWith({ error: 'too_large' });
  const dialect = core.findDialect(route);
  const hasBody = route.operation === 'generate' || route.operation === 'count_tokens';
  if (received.kind !== 'text' || dialect === undefined || !hasBody) return { kind: 'view', view };
  return readBody(received.text, { dialect, route, rules: core.rules });
}

function createRecord(
  core: ProviderCore,
  { line, route, received, judged }: Arrived & { readonly judged: ReadResult },
): Omit<RequestRecord, 'seq'> {
  const rawBody = received.kind === 'text' ? received.text : '';
  const parsed = parseJson(rawBody);
  const raw = isJsonObject(parsed) ? parsed : undefined;
  return {
    ...(judged.kind === 'view' ? judged.view : { ...EMPTY_VIEW, model: stringAt(raw ?? {}, 'model') ?? route.model }),
    ...line,
    api: route.api,
    operation: route.operation,
    credential: findCredential(route.api, line),
    rawBody,
    raw,
    receivedAt: core.now(),
    answeredBy: 'undecided',
    outcome: 'open',
    status: 0,
  };
}

function createExchange(
  core: ProviderCore,
  { route, record, outgoing }: { readonly route: Route; readonly record: RequestRecord; readonly outgoing: Outgoing },
): Exchange {
  return {
    route,
    request: record,
    outgoing,
    now: record.receivedAt,
    createId: (prefix) => core.createId(prefix),
    start(status, headers) {
      core.log.update(record, { status });
      outgoing.start(status, headers);
    },
  };
}

async function answer(
  core: ProviderCore,
  {
    judged,
    record,
    exchange,
  }: { readonly judged: ReadResult; readonly record: RequestRecord; readonly exchange: Exchange },
): Promise<Played> {
  if (judged.kind === 'refused') {
    core.log.update(record, { answeredBy: 'strictness' });
    return playError(judged.error, exchange, judged.param);
  }
  const dialect = core.findDialect(exchange.route);
  if (dialect === undefined || record.operation !== 'generate') {
    core.log.update(record, { answeredBy: 'provider' });
    return answerOperation(exchange, core.rules.models);
  }
  const { reply, answeredBy } = await exchange.outgoing.wait(core.replies.choose(record));
  core.log.update(record, { answeredBy });
  return playReply(reply, dialect, exchange);
}
