// A real HTTP server that answers `GET /certs/sync` as it is told, and a client that asks it through the real pipeline.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JsonObject, type Random, silentLogger } from '@puffo/base';
import { createHttpClient } from '../../src/http/create-http-client.ts';
import type { HttpClient } from '../../src/http/http-client.ts';
import { createNodePlatform } from '../../src/node/create-node-platform.ts';
import type { CertQuestion, ListedEntry } from './fake-cert-server.ts';
import { type CertOf, NOW, type TestIdentity } from './test-identity.ts';

export interface HostileServer extends AsyncDisposable {
  readonly http: HttpClient;
  readonly questions: CertQuestion[];
  /** Lists certificates under a slug, true or not. */
  list(slug: string, certs: readonly CertOf[]): void;
  /** As a server does that is not hostile. */
  register(...identities: readonly TestIdentity[]): void;
  /** From now on the JSON of every answer. */
  answerWith(answer: (question: CertQuestion) => unknown): void;
  /** From now on every answer. */
  handleWith(handler: RequestListener): void;
  /** From now on what is listed. */
  answerHonestly(): void;
}

export async function startHostileServer(own: TestIdentity, random: Random): Promise<HostileServer> {
  const entries: ListedEntry[] = [];
  const questions: CertQuestion[] = [];
  let answer = answerFromList;
  let handler: RequestListener = handle;

  function list(slug: string, certs: readonly CertOf[]): void {
    for (const [kind, cert] of certs) entries.push({ seq: entries.length + 1, kind, slug, cert });
  }

  function answerFromList({ slugs, since }: CertQuestion): unknown {
    const left = entries.filter(({ seq, slug }) => seq > since && slug !== undefined && slugs.includes(slug));
    return { entries: left, has_more: false };
  }

  function handle(...[request, response]: Parameters<RequestListener>): void {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    const slugs = (searchParams.get('slugs') ?? '').split(',');
    const question = { slugs, since: Number(searchParams.get('since') ?? 0) };
    questions.push(question);
    response.end(JSON.stringify(answer(question)));
  }

  const server = createServer((request, response) => handler(request, response));
  const platform = createNodePlatform({ environment: {} });
  const serverUrl = await listen(server);
  const subkey = { slug: own.slug, signerId: own.subkeyId, signingKey: own.subkey };
  const http = createHttpClient({
    serverUrl,
    transport: platform.transport,
    context: { clock: () => NOW, random, log: silentLogger },
    credentials: { deviceCredentials: subkey, getSubkey: () => Promise.resolve(subkey) },
  });
  return {
    http,
    questions,
    list,
    register(...identities) {
      for (const { slug, certs } of identities) list(slug, certs);
    },
    answerWith: (given) => void (answer = given),
    handleWith: (given) => void (handler = given),
    answerHonestly() {
      answer = answerFromList;
      handler = handle;
    },
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]();
      await close(server);
    },
  };
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** Its content no longer fits its signature. */
export function forge([kind, cert]: CertOf, change: JsonObject): CertOf {
  return [kind, { ...cert, ...change }];
}
