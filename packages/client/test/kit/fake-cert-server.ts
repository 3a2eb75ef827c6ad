// A server that answers from a list, and lies as it is told: the answers go through the schemas of the protocol.
import type { JsonObject, Logger, LogFields } from '@puffo/base';
import {
  type AnswerOf,
  type EndpointName,
  type EndpointNamed,
  getEndpoint,
  parseAnswer,
  type Slug,
} from '@puffo/protocol';
import type { CallOf, HttpClient } from '../../src/http/http-client.ts';
import { createDirectory } from '../../src/directory/create-directory.ts';
import type { Directory, DirectoryAlert } from '../../src/directory/directory.ts';
import type { DirectoryStore } from '../../src/directory/directory-store.ts';
import { createMemoryDirectoryStore } from '../../src/memory/memory-directory-store.ts';
import { type CertOf, NOW, random, type TestIdentity } from './test-identity.ts';

export interface ListedEntry {
  readonly seq: number;
  readonly kind: string;
  readonly slug?: string;
  readonly cert: JsonObject;
}

export interface CertQuestion {
  readonly slugs: readonly string[];
  readonly since: number;
}

export interface FakeServer extends HttpClient {
  readonly questions: CertQuestion[];
  readonly profileQuestions: (readonly string[])[];
  readonly entries: ListedEntry[];
  readonly profiles: JsonObject[];
  pageSize: number;
  /** Also those that nobody asked for. */
  givesAllProfiles: boolean;
  /** Instead of the honest answer. */
  answer: ((question: CertQuestion) => unknown) | undefined;
  /** Thrown by every call. */
  failure: Error | undefined;
  /** Awaited before each answer. */
  gate: Promise<void> | undefined;
  list(slug: string | undefined, certs: readonly CertOf[]): readonly ListedEntry[];
  register(...identities: readonly TestIdentity[]): void;
}

export function createFakeServer(): FakeServer {
  const server: FakeServer = {
    serverUrl: 'http://fake',
    questions: [],
    profileQuestions: [],
    entries: [],
    profiles: [],
    pageSize: 500,
    givesAllProfiles: false,
    answer: undefined,
    failure: undefined,
    gate: undefined,
    async call<Name extends EndpointName>(name: Name, call: CallOf<Name>) {
      const { slugs = [], since = 0 } = call.query as unknown as { slugs?: readonly Slug[]; since?: number };
      const answer = name === 'syncCerts' ? answerCerts(server, { slugs, since }) : answerProfiles(server, slugs);
      if (server.gate !== undefined) await server.gate;
      if (server.failure !== undefined) throw server.failure;
      return parseAnswer(getEndpoint(name), answer) as AnswerOf<EndpointNamed<Name>>;
    },
    list(slug, certs) {
      const listed = certs.map(([kind, cert], index) => {
        const seq = (server.entries.at(-1)?.seq ?? 0) + 1 + index;
        return slug === undefined ? { seq, kind, cert } : { seq, kind, cert, slug };
      });
      server.entries.push(...listed);
      return listed;
    },
    register(...identities) {
      for (const { slug, certs } of identities) server.list(slug, certs);
    },
  };
  return server;
}

function answerCerts(server: FakeServer, question: CertQuestion): unknown {
  server.questions.push(question);
  if (server.answer !== undefined) return server.answer(question);
  const { slugs, since } = question;
  const left = server.entries.filter(({ seq, slug }) => seq > since && (slug === undefined || slugs.includes(slug)));
  return { entries: left.slice(0, server.pageSize), has_more: left.length > server.pageSize };
}

function answerProfiles(server: FakeServer, slugs: readonly string[]): unknown {
  server.profileQuestions.push(slugs);
  const { profiles, givesAllProfiles } = server;
  return {
    profiles: profiles.filter(({ slug }) => givesAllProfiles || (typeof slug === 'string' && slugs.includes(slug))),
  };
}

export interface LoggedLine {
  readonly event: string;
  readonly fields: LogFields;
}

export interface TestDirectory {
  readonly directory: Directory;
  readonly store: DirectoryStore;
  readonly alerts: DirectoryAlert[];
  readonly logged: LoggedLine[];
  readonly clock: { now: number };
}

export interface TestDirectoryOptions {
  /** Of an earlier run. */
  readonly store?: DirectoryStore;
  readonly own: TestIdentity;
  readonly ownRootPublicKey?: string;
}

export function openTestDirectory(
  http: HttpClient,
  { store = createMemoryDirectoryStore(), own, ownRootPublicKey }: TestDirectoryOptions,
): TestDirectory {
  const clock = { now: NOW };
  const logged: LoggedLine[] = [];
  const alerts: DirectoryAlert[] = [];
  const context = { clock: () => clock.now, random, log: recordingLogger(logged) };
  const directory = createDirectory({ http, store, context, ownSlug: own.slug, ownRootPublicKey });
  directory.onAlert((alert) => alerts.push(alert));
  return { directory, store, alerts, logged, clock };
}

function recordingLogger(logged: LoggedLine[]): Logger {
  const record = (event: string, fields: LogFields = {}): void => void logged.push({ event, fields });
  return { debug: record, info: record, warn: record, error: record };
}

/** Why certificates were refused, as logged. */
export function refusalsOf({ logged }: TestDirectory): readonly unknown[] {
  return logged.filter(({ event }) => event === 'directory.cert-refused').map(({ fields }) => fields['reason']);
}
