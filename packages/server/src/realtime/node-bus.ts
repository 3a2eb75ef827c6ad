// Carries hints to the other nodes on the same PostgreSQL, and theirs to the sockets here. spec: wire-protocol 8.6, 10.6
import { encodeBase64url, isJsonObject, type JsonObject, type Logger, type Random, safeParseJson } from '@puffo/base';
import type { DeviceId, ServerFrameInput, Slug } from '@puffo/protocol';
import { type Database, type Notifications, openNotifications } from '@puffo/sql';
import type { ServerSchema } from '../db/schema.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { LocalHub } from './local-hub.ts';
import { decodeHint, encodeHint, type NodeHint } from './node-hints.ts';
import { findCertEntry, findEventObject, loadMessage } from './session-store.ts';

const NODE_ID_BYTES = 12;
const PAYLOADS_PER_STATEMENT = 200;
const MAX_OUTBOX = 5000;
const MAX_INBOX = 20_000;
const JSON_LIMITS = { maxLength: 4_000_000, maxDepth: 64, integers: 'any' } as const;

export interface NodeBus extends AsyncDisposable {
  publish(hints: readonly NodeHint[]): void;
}

export interface NodeBusDeps {
  readonly url: string;
  /** Of the tables: nodes on other tables are another server. */
  readonly schema: string | undefined;
  readonly database: Database<ServerSchema>;
  readonly random: Random;
  readonly log: Logger;
  readonly sessions: LiveSessions;
  readonly local: LocalHub;
}

export async function openNodeBus(deps: NodeBusDeps): Promise<NodeBus> {
  const { url, schema, random, log, local } = deps;
  const node = encodeBase64url(random.bytes(NODE_ID_BYTES));
  const inbox = createInbox(deps);
  const notifications = await openNotifications({
    url,
    channel: `puffo_hints_${schema ?? ''}`,
    random,
    onPayload(payload) {
      const hint = decodeHint(payload, { ownNode: node });
      if (hint !== undefined) inbox.add(hint);
    },
    onReconnect() {
      log.info('node-bus-reconnected');
      inbox.add({ kind: 'lost' });
      outbox.flush();
    },
  });
  const outbox = createOutbox({ node, notifications, log });
  // What was committed between the start of the node and the start of listening.
  local.suspectAll();
  return {
    publish: outbox.add,
    async [Symbol.asyncDispose]() {
      await outbox.settle();
      await notifications[Symbol.asyncDispose]();
      await inbox.stop();
    },
  };
}

interface Outbox {
  add(hints: readonly NodeHint[]): void;
  flush(): void;
  settle(): Promise<void>;
}

interface OutboxDeps {
  readonly node: string;
  readonly notifications: Notifications;
  readonly log: Logger;
}

/** What is added in one turn of the event loop, or while a statement runs, goes in one statement. */
function createOutbox({ node, notifications, log }: OutboxDeps): Outbox {
  let payloads: string[] = [];
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    await new Promise(setImmediate);
    while (payloads.length > 0) {
      const batch = payloads.splice(0, PAYLOADS_PER_STATEMENT);
      try {
        await notifications.publish(batch);
      } catch (error) {
        log.warn('node-bus-unreachable', { problem: error instanceof Error ? error.message : 'unknown' });
        // Kept for the next connection. Whether a part of the batch arrived is unknown, and twice does no harm.
        payloads = [...batch, ...payloads];
        return;
      }
    }
  }

  function flush(): void {
    if (payloads.length === 0) return;
    sending ??= send().finally(() => {
      sending = undefined;
    });
  }

  return {
    flush,
    add(hints) {
      if (payloads.length > MAX_OUTBOX) payloads = [encodeHint(node, { kind: 'lost' })];
      else for (const hint of hints) payloads.push(encodeHint(node, hint));
      flush();
    },
    async settle() {
      await sending;
    },
  };
}

interface Inbox {
  add(hint: NodeHint): void;
  stop(): Promise<void>;
}

/** One after the other, in the order in which they came. */
function createInbox(deps: NodeBusDeps): Inbox {
  let hints: NodeHint[] = [];
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    for (let at = 0; at < hints.length; at++) {
      const hint = hints[at];
      if (hint !== undefined) await receiveSafely(hint, deps);
    }
    hints = [];
  }

  return {
    add(hint) {
      if (hints.length > MAX_INBOX) hints = [{ kind: 'lost' }];
      else hints.push(hint);
      working ??= work().finally(() => {
        working = undefined;
      });
    },
    async stop() {
      hints = [];
      await working;
    },
  };
}

async function receiveSafely(hint: NodeHint, deps: NodeBusDeps): Promise<void> {
  try {
    await receive(hint, deps);
  } catch (error) {
    deps.log.warn('node-hint-failed', { problem: error instanceof Error ? error.message : 'unknown' });
    deps.local.suspectAll();
  }
}

/** Other nodes are this program: ids in their hints were checked there. */
async function receive(hint: NodeHint, deps: NodeBusDeps): Promise<void> {
  const { local } = deps;
  switch (hint.kind) {
    case 'message':
      return receiveMessage(hint, deps);
    case 'frame':
      return local.notify(hint.slugs as Slug[], hint.frame as unknown as ServerFrameInput);
    case 'event':
      return receiveEvent(hint, deps);
    case 'cert':
      return receiveCert(hint, deps);
    case 'fetched':
      return local.fetched(hint.deviceId as DeviceId, hint.throughSeq);
    case 'acknowledged':
      return local.recheck(hint.deviceId as DeviceId);
    case 'disconnect-device':
      return local.disconnect({ deviceId: hint.deviceId as DeviceId });
    case 'disconnect-slug':
      return local.disconnect({ slug: hint.slug as Slug });
    case 'lost':
      local.suspectAll();
      return local.endBarred();
  }
}

type HintOf<Kind> = Extract<NodeHint, { kind: Kind }>;

async function receiveMessage(hint: HintOf<'message'>, { database, sessions, local }: NodeBusDeps): Promise<void> {
  const here = (hint.deviceIds as DeviceId[]).filter((deviceId) => sessions.table.ofDevice(deviceId).length > 0);
  const message = here.length === 0 ? undefined : await loadMessage(database.db, { seq: hint.seq, deviceIds: here });
  if (message === undefined) local.note(hint.seq);
  else local.deliver(message);
}

async function receiveEvent({ slugs, scope, eventId }: HintOf<'event'>, deps: NodeBusDeps): Promise<void> {
  const here = slugsHere(slugs, deps);
  const text = here.length === 0 ? undefined : await findEventObject(deps.database.db, eventId);
  const event = parseStored(text);
  if (event !== undefined) deps.local.notify(here, { type: 'event', scope, event });
}

async function receiveCert({ slugs, seq }: HintOf<'cert'>, deps: NodeBusDeps): Promise<void> {
  const here = slugsHere(slugs, deps);
  const row = here.length === 0 ? undefined : await findCertEntry(deps.database.db, seq);
  const cert = parseStored(row?.cert);
  if (row === undefined || cert === undefined) return;
  deps.local.notify(here, { type: 'cert_update', entry: { seq, kind: row.kind, slug: row.slug as Slug, cert } });
}

function slugsHere(slugs: readonly string[], { sessions }: NodeBusDeps): readonly Slug[] {
  return (slugs as readonly Slug[]).filter((slug) => sessions.table.ofSlug(slug).length > 0);
}

function parseStored(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  const json = safeParseJson(text, JSON_LIMITS);
  return json.kind === 'value' && isJsonObject(json.value) ? json.value : undefined;
}
