// The reading half of a client as it is: connection, mailbox, directory and record. Only the socket and the server behind it
// are made up.
import { createCloser, encodeUtf8, silentLogger, systemClock, systemRandom } from '@puffo/base';
import {
  createConnection,
  createDirectory,
  createMailbox,
  type HttpClient,
  type OpenSocket,
  type SocketHandlers,
} from '@puffo/client';
import { openClientDatabase } from '@puffo/client/sqlite';
import type { Member } from './people.ts';
import type { Run } from './run.ts';

const SESSION_ID = 'bench';
const SYNCED_THROUGH = 100;

export interface ReadingClient extends AsyncDisposable {
  /** Frames of a batch come at once; the next batch comes when they are on disk. */
  run(batches: readonly (readonly Uint8Array[])[]): Promise<Run>;
}

export async function openReadingClient(path: string, who: { writer: Member; reader: Member }): Promise<ReadingClient> {
  const { writer, reader } = who;
  const closer = createCloser();
  const context = { clock: systemClock, random: systemRandom, log: silentLogger };
  const database = closer.use(await openClientDatabase(path, { ownSlug: reader.slug, clock: systemClock }));
  await database.directory.addCerts(writer.slug, { entries: writer.certs, syncedThrough: SYNCED_THROUGH });
  const http = createEmptyServer();
  const directory = createDirectory({ http, store: database.directory, context, ownSlug: reader.slug });
  const socket = createFakeSocket();
  const credentials = { slug: reader.slug, signerId: reader.subkeyId, signingKey: reader.subkey };
  const session = { getSubkey: () => Promise.resolve(credentials), renewSubkey: () => Promise.resolve(credentials) };
  const connection = createConnection({
    openSocket: socket.open,
    serverUrl: reader.keys.serverUrl,
    session,
    context,
  });
  const mailbox = createMailbox({
    http,
    connection,
    directory,
    keys: reader.keys,
    slug: reader.slug,
    store: database.mailbox,
    context,
  });
  closer.use(connection);
  closer.use(mailbox);
  let onRecorded: () => void = () => undefined;

  /** Does not wait for one before it takes the next: what is recorded together is committed together. */
  async function readAll(): Promise<void> {
    for await (const inbound of mailbox.inbound) {
      if (inbound.kind !== 'message') throw new Error(`A message is unreadable: ${inbound.reason}`);
      void database.messages.record(inbound).then(() => {
        onRecorded();
        mailbox.acknowledge([inbound.envelopeId]);
      });
    }
  }

  async function runBatch(frames: readonly Uint8Array[], latenciesMs: number[]): Promise<void> {
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      let missing = frames.length;
      onRecorded = () => {
        latenciesMs.push(performance.now() - startedAt);
        if (--missing === 0) resolve();
      };
      for (const frame of frames) socket.feed(frame);
    });
  }

  const reading = readAll();
  closer.defer(() => reading);
  await mailbox.caughtUp();
  return {
    async run(batches) {
      const latenciesMs: number[] = [];
      const startedAt = performance.now();
      for (const frames of batches) await runBatch(frames, latenciesMs);
      return { ms: performance.now() - startedAt, latenciesMs };
    },
    async [Symbol.asyncDispose]() {
      await mailbox[Symbol.asyncDispose]();
      await closer[Symbol.asyncDispose]();
    },
  };
}

/** Nothing is pending, and there are no certificates beyond those that are known. */
function createEmptyServer(): HttpClient {
  const nothing = { items: [], unreadable: 0 };
  const answers: Readonly<Record<string, unknown>> = {
    listPending: { messages: nothing },
    syncCerts: { entries: nothing, has_more: false, next_cursor: undefined },
    acknowledgeMessages: {},
  };
  const call = (name: string) =>
    name in answers ? Promise.resolve(answers[name]) : Promise.reject(new Error(`The benchmark has no ${name}`));
  return { serverUrl: 'http://bench.invalid', call: call as HttpClient['call'] };
}

interface FakeSocket {
  readonly open: OpenSocket;
  readonly feed: (frame: Uint8Array) => void;
}

/** Bytes become text here, as they do in a socket. */
function createFakeSocket(): FakeSocket {
  let handlers: SocketHandlers | undefined;
  function feed(frame: Uint8Array): void {
    handlers?.onText(Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString());
  }
  return {
    feed,
    open(_, given) {
      handlers = given;
      setImmediate(given.onOpen);
      return {
        send(text) {
          if (text.includes('"connect"')) {
            feed(encodeUtf8(JSON.stringify({ type: 'connected', session_id: SESSION_ID })));
          }
        },
        close: (code) => given.onClose(code, ''),
      };
    },
  };
}
