// One agent's side of the chat: its keys, its databases, its client. spec: daemon-and-cli 1.9, 3.3, D-13, D-27
import type { AgentConfig } from '@puffo/agent/config';
import { type Closer, createCloser, type Logger } from '@puffo/base';
import { type Client, openClient } from '@puffo/client';
import { createKeyFolder } from '@puffo/client/node';
import { openClientDatabase } from '@puffo/client/sqlite';
import { createPrivateFiles } from '@puffo/host';
import { type IdentityKeys, isSlug } from '@puffo/protocol';
import { DaemonError } from '../daemon-error.ts';
import type { AgentPaths } from '../home/home.ts';
import { importIdentity } from '../home/import-identity.ts';
import { type AgentStore, openAgentStore } from '../store/agent-store.ts';
import { type HistoryStore, openHistoryStore } from '../store/history-store.ts';
import type { WorkerHost } from './worker-host.ts';

const MAX_KEY_FILE_BYTES = 1024 * 1024;
/** Three open databases cost more than all the rest of an agent that has nothing to do. */
const CLOSE_AFTER_IDLE_MS = 10_000;
/** Bytes: tables are many, and most of them are small. */
const PAGE_SIZE = 1024;

export interface AgentClient extends AsyncDisposable {
  readonly client: Client;
  readonly store: AgentStore;
  readonly history: HistoryStore;
  readonly keys: IdentityKeys;
}

export interface AgentClientOptions {
  readonly agent: AgentPaths;
  readonly config: AgentConfig;
  readonly host: WorkerHost;
  readonly logger: Logger;
}

/** The agent is configured. Asks the server nothing. */
export async function openAgentClient(options: AgentClientOptions): Promise<AgentClient> {
  const { agent, host, logger } = options;
  const { clock, random } = host;
  const context = { clock, random, log: logger };
  const keyFolder = createKeyFolder({
    files: createPrivateFiles(agent.keysFolder, { maxBytes: MAX_KEY_FILE_BYTES }),
    context,
  });
  const closer = createCloser();
  try {
    const keys = await loadKeys(keyFolder.loadIdentity, options);
    const sqlite = {
      closeAfterIdleMs: CLOSE_AFTER_IDLE_MS,
      pageSize: PAGE_SIZE,
      ...(host.idleFiles === undefined ? {} : { idleFiles: host.idleFiles }),
    };
    const history = closer.use(await openHistoryStore(agent.databaseFile, { clock, ...sqlite }));
    const store = closer.use(await openAgentStore(agent.storeFile, { clock, random, ...sqlite }));
    const database = closer.use(await openClientDatabase(agent.clientFile, { ownSlug: keys.slug, clock, ...sqlite }));
    const { outbox, directory } = database;
    const session = keyFolder.sessionStoreOf(keys.slug);
    const stores = { outbox, directory, session, mailbox: store.mailbox };
    const { network: platform, wrapPool } = host;
    const client = closer.use(openClient({ keys, platform, context, stores, wrapPool }));
    return { client, store, history, keys, [Symbol.asyncDispose]: () => closeAll(closer) };
  } catch (error) {
    await closer[Symbol.asyncDispose]();
    throw error;
  }
}

function closeAll(closer: Closer): PromiseLike<void> {
  return closer[Symbol.asyncDispose]();
}

async function loadKeys(
  loadIdentity: ReturnType<typeof createKeyFolder>['loadIdentity'],
  { agent, config, host, logger }: AgentClientOptions,
): Promise<IdentityKeys> {
  const { serverUrl, slug, deviceId } = config.puffoCore;
  if (!isSlug(slug)) {
    const message = `Cannot use puffo_core.slug '${slug}': a slug looks like name-1a2b; correct it in ${agent.agentFile}`;
    throw new DaemonError(message, { code: 'invalid-argument' });
  }
  const { platform, environment, homeFolder } = host;
  const imported = await importIdentity(agent, { slug, system: { platform, environment, homeFolder } });
  if (imported.kind === 'imported') logger.info('identity-imported', { from: imported.from, to: imported.to });
  const keys = await loadIdentity(slug);
  if (keys === undefined) {
    const message = `Cannot find the keys of ${slug}: put ${slug}.json into ${agent.keysFolder}, or register the agent with puffo-cli on this machine`;
    throw new DaemonError(message, { code: 'not-found' });
  }
  if (keys.deviceId !== deviceId) logger.warn('device-differs', { inFile: deviceId, inKeys: keys.deviceId });
  if (keys.serverUrl !== serverUrl) logger.info('server-differs', { used: serverUrl, inKeys: keys.serverUrl });
  // One address for requests and sockets. spec: daemon-and-cli D-27
  return { ...keys, serverUrl };
}
