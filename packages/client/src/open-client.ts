// One device of one identity, with everything it needs to speak. Parts are made here and nowhere else.
import { createCloser } from '@puffo/base';
import {
  createWrapPool,
  type DeviceId,
  type IdentityKeys,
  type ServerFrame,
  type Slug,
  type WrapPool,
} from '@puffo/protocol';
import type { Attachments } from './attachments/attachments.ts';
import { createAttachments } from './attachments/create-attachments.ts';
import { ClientError } from './client-error.ts';
import type { ClientStores } from './client-stores.ts';
import type { Connection } from './connection/connection.ts';
import { createConnection } from './connection/create-connection.ts';
import type { Sleep } from './connection/pause.ts';
import type { ClientContext } from './context.ts';
import { createDirectory } from './directory/create-directory.ts';
import type { Directory } from './directory/directory.ts';
import { createMailbox } from './mailbox/create-mailbox.ts';
import type { Mailbox } from './mailbox/mailbox.ts';
import { createOutbox } from './outbox/create-outbox.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Platform } from './platform.ts';
import { openSignedHttp, type SignedHttp } from './session/open-signed-http.ts';
import { createSpaceServices, type SpaceServices } from './spaces/create-space-services.ts';

export interface ClientOptions {
  readonly keys: IdentityKeys;
  /** The caller closes it, after the client. */
  readonly platform: Platform;
  readonly context: ClientContext;
  readonly stores: ClientStores;
  /** Shared by several clients, and closed by their owner; absent: one of its own. */
  readonly wrapPool?: WrapPool | undefined;
  /** How the pauses between two connections pass; absent: in real time. */
  readonly pauseSleep?: Sleep | undefined;
}

export interface Client extends AsyncDisposable, SignedHttp, Omit<SpaceServices, 'audience'> {
  readonly slug: Slug;
  readonly deviceId: DeviceId;
  readonly context: ClientContext;
  readonly directory: Directory;
  readonly outbox: Outbox;
  readonly attachments: Attachments;
  /** What is pending now, over HTTP, without a socket: its stream ends. */
  openPending(): Mailbox;
  /** Pending and live. At most one at a time. */
  openLive(): { readonly connection: Connection; readonly mailbox: Mailbox };
  /** Every frame that is no message, once this client's own parts have seen it. Returns how to stop. */
  onFrame(listener: (frame: ServerFrame) => void): () => void;
}

/** Asks the server nothing before it is used. */
export function openClient(options: ClientOptions): Client {
  const { keys, platform, context, stores } = options;
  const closer = createCloser();
  const wrapPool = options.wrapPool ?? closer.use(createWrapPool());
  const { session, http } = openSignedHttp({ keys, platform, context, store: stores.session });
  const { slug, deviceId } = session;
  const ownRootPublicKey = keys.rootKey.verifyKey.publicKey;
  const directory = createDirectory({ http, store: stores.directory, context, ownSlug: slug, ownRootPublicKey });
  const { audience, ...spaceServices } = createSpaceServices({ http, session, context });
  const parts = { http, directory, audience, session, wrapPool, context };
  const outbox = closer.use(createOutbox({ ...parts, store: stores.outbox }));
  const reading = { http, directory, keys, slug, store: stores.mailbox, context };
  const listeners = new Set<(frame: ServerFrame) => void>();
  let live: Connection | undefined;

  function handleFrame(frame: ServerFrame): void {
    audience.noteFrame(frame);
    spaceServices.places.noteFrame(frame);
    for (const listener of listeners) listener(frame);
  }

  function openConnection(): Connection {
    if (live !== undefined && live.state !== 'stopped') {
      throw new ClientError('Cannot connect: this client is connected already', { code: 'invalid-input' });
    }
    const { openSocket } = platform;
    const { pauseSleep } = options;
    const connection = createConnection({ openSocket, serverUrl: http.serverUrl, session, context, pauseSleep });
    live = closer.use(connection);
    connection.onState((state) => {
      if (state === 'open') outbox.flush();
    });
    return connection;
  }

  return {
    slug,
    deviceId,
    context,
    http,
    session,
    directory,
    outbox,
    ...spaceServices,
    attachments: createAttachments({ http, context }),
    openPending: () => closer.use(createMailbox(reading)),
    openLive() {
      const connection = openConnection();
      const mailbox = closer.use(createMailbox({ ...reading, connection, onFrame: handleFrame }));
      return { connection, mailbox };
    },
    onFrame(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose](),
  };
}
