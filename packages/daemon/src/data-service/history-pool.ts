// The histories that are open for reading: opened when somebody asks, closed when the file in that place is another one or
// none. spec: daemon-and-cli D-39
import { stat } from 'node:fs/promises';
import { createKeyedMutex } from '@puffo/base';
import { SqlError } from '@puffo/sql';
import { isAgentId } from '../home/agent-id.ts';
import type { Home } from '../home/home.ts';
import { type HistoryReader, openHistoryReader, type OpenHistoryReader } from '../store/history-reader.ts';

export interface HistoryPool extends AsyncDisposable {
  /** `work` is not called, and the answer is `undefined`, when the agent has no history that can be opened. */
  read<Result>(agentId: string, work: (reader: HistoryReader) => Promise<Result>): Promise<Result | undefined>;
  /** Before the folder of the agent is moved or removed. Waits for those who read. */
  release(agentId: string): Promise<void>;
}

interface OpenHistory {
  /** Of the file that was opened. */
  readonly identity: string;
  readonly reader: OpenHistoryReader;
}

export function createHistoryPool(home: Pick<Home, 'agent'>): HistoryPool {
  const mutex = createKeyedMutex<string>();
  const histories = new Map<string, OpenHistory>();
  let isClosed = false;

  async function close(agentId: string): Promise<void> {
    const known = histories.get(agentId);
    histories.delete(agentId);
    await known?.reader[Symbol.asyncDispose]();
  }

  async function find(agentId: string): Promise<HistoryReader | undefined> {
    const path = home.agent(agentId).databaseFile;
    const identity = await identityOf(path);
    const known = histories.get(agentId);
    if (known !== undefined && known.identity === identity) return known.reader;
    await close(agentId);
    // Whoever asked just before the end must not open what nobody closes.
    if (identity === undefined || isClosed) return undefined;
    const reader = openIfDatabase(path);
    if (reader !== undefined) histories.set(agentId, { identity, reader });
    return reader;
  }

  return {
    read(agentId, work) {
      if (!isAgentId(agentId)) return Promise.resolve(undefined);
      return mutex.run(agentId, async () => {
        const reader = await find(agentId);
        return reader === undefined ? undefined : work(reader);
      });
    },
    release: (agentId) => mutex.run(agentId, () => close(agentId)),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      for (const agentId of histories.keys()) await mutex.run(agentId, () => close(agentId));
    },
  };
}

/** File systems give the number of a removed file to the next one, but not its time of birth. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, birthtimeNs } = await stat(path, { bigint: true });
    return `${dev}:${ino}:${birthtimeNs}`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function openIfDatabase(path: string): OpenHistoryReader | undefined {
  try {
    return openHistoryReader(path);
  } catch (error) {
    if (error instanceof SqlError && error.code === 'database_unreachable') return undefined;
    throw error;
  }
}
