// spec: wire-protocol 9.22
import type { JsonObject } from '@puffo/base';
import { type DeviceId, isDeviceId, LIMITS } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { HttpClient } from '../http/http-client.ts';
import { splitEnvelope } from './split-envelope.ts';

export interface Posted {
  readonly seq: number | undefined;
  /** Usable devices of the audience that have no entry. */
  readonly missing: ReadonlySet<DeviceId>;
}

export interface Posting {
  readonly http: HttpClient;
  readonly signal: AbortSignal;
}

/** The same envelope may be posted as often as one likes: the server has it once. Trying again is the outbox's business. */
export async function postEnvelope(envelope: JsonObject, { http, signal }: Posting): Promise<Posted> {
  const [first, ...rest] = splitEnvelope(envelope, LIMITS.messageBodyBytes);
  if (first === undefined) throw new TypeError('an envelope is split into at least one part');
  let answer = await http.call('sendMessage', { body: first, signal, attempts: 1 });
  const { seq, envelope_id: echo } = answer;
  if (echo !== undefined && echo !== envelope['envelope_id']) {
    throw new ClientError('Cannot send message: the server confirmed another one', { code: 'answer-invalid' });
  }
  for (const part of rest) answer = await http.call('sendMessage', { body: part, signal, attempts: 1 });
  const missing = (answer.missing_devices ?? []).filter(isDeviceId).slice(0, LIMITS.recipientsPerEnvelope);
  return { seq, missing: new Set(missing) };
}
