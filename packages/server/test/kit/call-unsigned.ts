import type { JsonObject } from '@puffo/base';
import { sendRaw } from './raw-request.ts';
import type { TestServer } from './test-server.ts';

export interface UnsignedAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** As `unsigned`, for calls that may be refused. */
export async function callUnsigned(server: TestServer, target: string, body?: unknown): Promise<UnsignedAnswer> {
  const method = body === undefined ? 'GET' : 'POST';
  const bytes = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
  const { status, text } = await sendRaw(server.url, { method, target, ...bytes });
  return { status, body: JSON.parse(text) as JsonObject };
}
