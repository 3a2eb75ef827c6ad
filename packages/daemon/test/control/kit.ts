// A control server over a throw-away home, with a supervisor that does what the test says: the boundary to the workers.
import { type IncomingMessage, request } from 'node:http';
import { type Logger, silentLogger, systemRandom } from '@puffo/base';
import {
  type ControlServer,
  type ControlServerOptions,
  startControlServer,
} from '../../src/control/start-control-server.ts';
import type { Home } from '../../src/home/home.ts';
import { readAgentFile } from '../../src/home/agent-file.ts';
import type { AgentCreation } from '../../src/operations/create-agent.ts';
import type { LiveAgent, Supervisor } from '../../src/supervisor/supervisor.ts';
import type { RuntimeFacts } from '../../src/worker/runtime-keeper.ts';
import { makeTemporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';

export const ONLINE: RuntimeFacts = {
  status: 'running',
  phase: 'online',
  startedAt: 1_770_000_000,
  msgCount: 3,
  lastEventAt: 1_770_000_100,
  error: '',
  health: 'ok',
  connectedAt: 1_770_000_001,
  lastErrorAt: undefined,
  nextRetryAt: undefined,
  messagesWaiting: 1,
  messagesFailed: 0,
  tokensToday: { input: 10, output: 20 },
};

export const CREATION: AgentCreation = {
  id: 'x',
  displayName: 'Ex',
  profile: undefined,
  kind: 'chat-local',
  provider: 'anthropic',
  model: 'm',
  apiKey: 'secret-key',
  baseUrl: '',
  harness: undefined,
  onMention: true,
  onDm: true,
  onChannel: false,
};

export interface FakeSupervisor extends Pick<Supervisor, 'reconcile' | 'list' | 'settle' | 'changeApproval'> {
  /** In their order, with what the home said then. */
  readonly calls: readonly string[];
}

/** Every agent that is to run is online at once. */
export function createFakeSupervisor(home: Home, changes: Partial<FakeSupervisor> = {}): FakeSupervisor {
  const calls: string[] = [];
  async function stateOf(id: string): Promise<string> {
    const file = await readAgentFile(home.agent(id));
    return file.kind === 'read' ? file.reading.draft.state : file.kind;
  }
  return {
    calls,
    async reconcile() {
      calls.push(`reconcile x=${await stateOf('x')}`);
    },
    list: () => [{ id: 'x', facts: ONLINE }],
    changeApproval: () => Promise.resolve(undefined),
    async settle(id): Promise<LiveAgent> {
      const state = await stateOf(id);
      calls.push(`settle ${id}=${state}`);
      return { id, facts: state === 'running' ? ONLINE : undefined };
    },
    ...changes,
  };
}

export interface TestControl extends AsyncDisposable {
  readonly temporary: TemporaryHome;
  readonly home: Home;
  readonly server: ControlServer;
  readonly supervisor: FakeSupervisor;
  send(options: Partial<Sending>): Promise<Reply>;
}

export interface ControlChanges extends Partial<Omit<ControlServerOptions, 'supervisor'>> {
  readonly supervisor?: Partial<FakeSupervisor>;
}

export async function openControl(changes: ControlChanges = {}): Promise<TestControl> {
  const temporary = await makeTemporaryHome();
  const { home } = temporary;
  const supervisor = createFakeSupervisor(home, changes.supervisor);
  const logger: Logger = silentLogger;
  const context = temporary.context();
  const options = { context, pid: process.pid, random: systemRandom, logger, ...changes, supervisor };
  const server = await startControlServer(options);
  return {
    temporary,
    home,
    server,
    supervisor,
    send: (sending) => send({ ...server.address, ...sending }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

export interface Sending {
  readonly socket: string;
  readonly token: string | undefined;
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export function send({ socket, token, method = 'POST', path = '/v1/status', body = '' }: Sending): Promise<Reply> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socket, method, path, headers }, (response) => {
      void readJson(response).then((parsed) => resolve({ status: response.statusCode ?? 0, body: parsed }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function readJson(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
}
