// The pipeline behind `HttpClient`: build once, then sign, send and read as often as the retry table allows.
// spec: wire-protocol 5.1 to 5.5
import { sleep } from '@puffo/base';
import {
  type AnswerOf,
  type Endpoint,
  type EndpointName,
  type EndpointNamed,
  getEndpoint,
  isSubkeyId,
  type RequestCredentials,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { Transport } from '../platform.ts';
import { type BuiltCall, buildCall, type GivenCall } from './build-call.ts';
import { startDeadline, untilAborted } from './deadline.ts';
import { createTimeoutError, exchangeOnce, type Outcome } from './exchange.ts';
import type { CallOf, CredentialSource, HttpClient } from './http-client.ts';
import { titleOf } from './read-answer.ts';
import { planResend } from './retry-table.ts';
import { parseServerAddress, type ServerAddress } from './server-address.ts';

export interface HttpClientOptions {
  readonly serverUrl: string;
  readonly transport: Transport;
  readonly context: ClientContext;
  /** Absent: only endpoints of the class `none`. */
  readonly credentials?: CredentialSource | undefined;
  /** For one exchange; absent: the endpoint's own. */
  readonly attemptTimeoutMs?: number;
  /** How the time between two attempts passes. */
  readonly wait?: Wait;
}

export type Wait = (delayMs: number, signal: AbortSignal) => Promise<void>;

interface Pipeline extends HttpClientOptions {
  readonly address: ServerAddress;
  readonly wait: Wait;
}

interface Call extends BuiltCall {
  /** Of the whole call; its reason is a `ClientError`. */
  readonly signal: AbortSignal;
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const address = parseServerAddress(options.serverUrl);
  const pipeline: Pipeline = { wait: sleep, ...options, address };
  return {
    serverUrl: address.serverUrl,
    async call<Name extends EndpointName>(name: Name, call: CallOf<Name>) {
      // `parseAnswer` made it, for this endpoint.
      return (await runCall(pipeline, name, call)) as AnswerOf<EndpointNamed<Name>>;
    },
  };
}

async function runCall(pipeline: Pipeline, name: EndpointName, given: GivenCall): Promise<unknown> {
  const { address, attemptTimeoutMs } = pipeline;
  const endpoint = getEndpoint(name);
  const built = buildCall(endpoint, given, { address, attemptTimeoutMs });
  const { timeoutMs } = built.policy;
  using deadline = startDeadline({
    timeoutMs,
    createError: () => createTimeoutError(built, timeoutMs),
    parent: given.signal,
    ofParent: (cause) =>
      new ClientError(`Cannot call ${titleOf(endpoint)}: it was stopped`, { code: 'aborted', cause }),
  });
  // Awaited here: what is returned would outlive the deadline.
  return await sendUntilDone(pipeline, { ...built, signal: deadline.signal });
}

async function sendUntilDone(pipeline: Pipeline, call: Call): Promise<unknown> {
  const { clock, random, log } = pipeline.context;
  const { endpoint, policy, signal } = call;
  const endsAt = clock() + policy.timeoutMs;
  for (let sent = 1; ; sent++) {
    signal.throwIfAborted();
    const outcome = await sendAsCaller(pipeline, call);
    if (outcome.kind === 'answered') return outcome.value;
    signal.throwIfAborted();
    const { error, effect, isFinal } = outcome;
    const remainingMs = endsAt - clock();
    const waitMs = isFinal ? undefined : planResend({ error, effect, policy, sent, remainingMs, random });
    if (waitMs === undefined) throw error;
    log.debug('http-resend', { endpoint: endpoint.name, code: error.code, status: error.status, sent, waitMs });
    await untilAborted(pipeline.wait(waitMs, signal), signal);
  }
}

/** Once, or twice when a subkey was refused and another one is to be had. spec: wire-protocol 5.5 */
async function sendAsCaller(pipeline: Pipeline, call: Call): Promise<Outcome> {
  const signer = await findSigner(pipeline, call);
  const outcome = await send(pipeline, call, signer);
  if (outcome.kind === 'answered' || outcome.error.code !== 'unauthorized') return outcome;
  const renewed = await renewAfter(pipeline, { call, signer, refusal: outcome.error });
  if (renewed === undefined) return outcome;
  const second = await send(pipeline, call, renewed);
  return second.kind === 'answered' ? second : { ...second, isFinal: true };
}

function send({ transport, context }: Pipeline, call: Call, signer: RequestCredentials | undefined): Promise<Outcome> {
  return exchangeOnce({ call, transport, context, signer, signal: call.signal });
}

/** `undefined`: the endpoint asks for no signature. */
async function findSigner({ credentials }: Pipeline, call: Call): Promise<RequestCredentials | undefined> {
  const { endpoint, signal } = call;
  if (endpoint.auth === 'none') return undefined;
  if (credentials === undefined) throw cannotSign(endpoint, 'it has to be signed, and there are no keys to sign with');
  const { getSubkey, deviceCredentials } = credentials;
  // What registers a subkey cannot wait for one. spec: wire-protocol 9.7
  if (endpoint.name === 'registerSubkey') return deviceCredentials;
  if (getSubkey !== undefined) return untilAborted(getSubkey(), signal);
  if (endpoint.auth === 'device-or-subkey') return deviceCredentials;
  throw cannotSign(endpoint, 'it has to be signed by a subkey, and there is only a device key');
}

function cannotSign(endpoint: Endpoint, problem: string): ClientError {
  const fields = { endpoint: endpoint.name };
  return new ClientError(`Cannot call ${titleOf(endpoint)}: ${problem}`, { code: 'invalid-input', fields });
}

interface RefusedCall {
  readonly call: Call;
  readonly signer: RequestCredentials | undefined;
  readonly refusal: ClientError;
}

/** `undefined`: another subkey would not help, or cannot be had. */
async function renewAfter(
  { credentials, context }: Pipeline,
  { call, signer, refusal }: RefusedCall,
): Promise<RequestCredentials | undefined> {
  const refused = signer?.signerId;
  if (credentials?.renewSubkey === undefined || !isSubkeyId(refused)) return undefined;
  // It would be refused for the same wrong time.
  if (refusal.fields['clockSkewMs'] !== undefined) return undefined;
  context.log.info('subkey-refused', { endpoint: call.endpoint.name, subkeyId: refused });
  return untilAborted(credentials.renewSubkey(refused), call.signal);
}
