// An HTTP client, the server it speaks to, and what went on between them.
import { createEnvelopeId, createSpaceId } from '@puffo/protocol';
import { ClientError, createHttpClient, deviceCredentialsOf, type HttpClient } from '../../src/index.ts';
import type { HttpClientOptions } from '../../src/http/create-http-client.ts';
import { createNodePlatform } from '../../src/node/index.ts';
import { createContext, createKeys, createSessionKeys, credentialsOf } from './keys.ts';
import { type Answerer, type RawServer, startRawServer } from './raw-server.ts';

export const context = createContext(1);
export const keys = createKeys(context);
export const session = createSessionKeys(context);
export const spaceId = createSpaceId(context.random);
export const envelope = { envelope_id: createEnvelopeId(context.random) };
export const noSpaces = { spaces: [] };

export interface HttpWorld extends AsyncDisposable {
  readonly server: RawServer;
  readonly http: HttpClient;
  /** The waits between attempts, which nobody waited for. */
  readonly waits: readonly number[];
  /** Subkeys that were refused, whenever another one was asked for. */
  readonly renewals: readonly string[];
}

export async function openHttpWorld(
  answer: Answerer,
  options: Partial<HttpClientOptions> & { prefix?: string } = {},
): Promise<HttpWorld> {
  const server = await startRawServer(answer);
  const platform = createNodePlatform({ environment: {} });
  const waits: number[] = [];
  const renewals: string[] = [];
  const http = createHttpClient({
    serverUrl: server.url + (options.prefix ?? ''),
    transport: platform.transport,
    context,
    wait: (delayMs) => {
      waits.push(delayMs);
      return Promise.resolve();
    },
    credentials: {
      deviceCredentials: deviceCredentialsOf(keys),
      getSubkey: () => Promise.resolve(credentialsOf(session)),
      renewSubkey(refused) {
        renewals.push(refused);
        return Promise.resolve(credentialsOf(createSessionKeys(context)));
      },
    },
    ...options,
  });
  return {
    server,
    http,
    waits,
    renewals,
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

export async function failureOf(call: Promise<unknown>): Promise<ClientError> {
  const outcome: unknown = await call.then(
    () => 'no failure',
    (error: unknown) => error,
  );
  if (outcome instanceof ClientError) return outcome;
  throw new Error(`expected a ClientError, got ${String(outcome)}`);
}

export const signUpBody = { invite_code: 'c', username: 'alice', identity_cert: {}, device_cert: {} };
