// A running `codex app-server` with one thread in it: begun, or gone on with. spec: runtimes 10.3.2
import type { JsonObject } from '@puffo/base';
import { secretsOf } from '../../program/program-environment.ts';
import type { KeptProgram } from '../../program/program-keeper.ts';
import type { ProgramHandle } from '../../program/program-placement.ts';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { SessionOptions } from '../../spec/engine.ts';
import { EngineError } from '../../spec/engine-error.ts';
import { type Answer, type AppServer, type AppServerOwner, openAppServer } from './app-server.ts';
import { codexArguments, TOKEN_VARIABLE } from './codex-arguments.ts';
import type { CodexSettings } from './codex-options.ts';
import { prepareCodexHome } from './prepare-codex-home.ts';
import { objectIn, textIn } from './read-frame.ts';

export interface LiveThread extends KeptProgram {
  readonly threadId: string;
  readonly isResumed: boolean;
  /** Its program speaks no more; a moment before it has ended with all that it started. */
  readonly isOver: boolean;
  readonly server: AppServer;
  readonly ended: ProgramHandle['ended'];
  /** Of the program. */
  lastWords(): string;
  /** Who is told of everything from now on; one at a time. */
  listen(owner: AppServerOwner | undefined): void;
}

export interface WantedThread {
  readonly settings: CodexSettings;
  readonly session: SessionOptions;
  /** `undefined`: a new one. */
  readonly threadId: string | undefined;
}

/** With the time that tools are given to appear. */
const START_MS = 60_000;

/** `undefined`: codex says that it has no such thread. Fails with an `EngineError` (`unavailable`) for every other reason. */
export async function startThread(wanted: WantedThread): Promise<LiveThread | undefined> {
  const { settings, session, threadId } = wanted;
  const { agentDir, placement, program, workspaceDir } = settings;
  const endpoint = session.tools?.endpoint;
  await prepareCodexHome({ agentDir, systemPrompt: session.systemPrompt });
  const handle = await placement.start({
    program,
    args: codexArguments(settings, endpoint),
    environment: {
      ...settings.environment,
      CODEX_HOME: settings.codexHome,
      ...(endpoint === undefined ? {} : { [TOKEN_VARIABLE]: endpoint.token }),
    },
    folder: workspaceDir,
  });
  const switchboard = createSwitchboard();
  const server = openAppServer(handle, switchboard.owner);
  const begun = await within(handle, () => beginThread(server, wanted));
  const id = begun.kind === 'result' ? textIn(objectIn(begun.result, 'thread'), 'id') : '';
  if (id === '') {
    await handle.stop();
    if (begun.kind === 'error' && isUnknownThread(begun.message)) return undefined;
    throw cannotStart(begun.kind === 'error' ? begun.message : lastWords(handle), secretsIn(wanted));
  }
  return {
    threadId: id,
    isResumed: threadId !== undefined,
    get isOver() {
      return switchboard.isOver();
    },
    server,
    listen: switchboard.listen,
    lastWords: () => lastWords(handle),
    ended: handle.ended,
    stop: () => handle.stop(),
  };
}

/** Codex's own words for a thread whose file is gone. */
function isUnknownThread(message: string): boolean {
  return message.startsWith('no rollout found for thread id ');
}

async function beginThread(server: AppServer, wanted: WantedThread): Promise<Answer> {
  const hello = await server.ask('initialize', HELLO);
  if (hello.kind !== 'result') return hello;
  await server.tell('initialized');
  const options = threadOptions(wanted);
  if (wanted.threadId === undefined) return server.ask('thread/start', options);
  return server.ask('thread/resume', { ...options, threadId: wanted.threadId, excludeTurns: true });
}

const HELLO: JsonObject = {
  clientInfo: { name: 'puffo-agent', title: 'Puffo', version: '1' },
  capabilities: { experimentalApi: false, requestAttestation: false },
};

/** Kept by codex as it is at the beginning of a thread, so it says only what never changes. */
const FIXED_INSTRUCTIONS = [
  'You are an agent on Puffo. The AGENTS.md instructions of your home describe who you are and how you speak; the latest state',
  'of them is binding, also where it differs from how you work otherwise. People see only what you send with the tools of the',
  '`puffo` server: using them to answer is what you are asked to do, and needs no further permission.',
].join(' ');

function threadOptions({ settings, session }: WantedThread): JsonObject {
  const { policy, workspaceDir } = settings;
  return {
    cwd: workspaceDir,
    approvalPolicy: policy.approvalPolicy,
    approvalsReviewer: 'user',
    sandbox: policy.sandbox,
    developerInstructions: FIXED_INSTRUCTIONS,
    ...(session.model === '' ? {} : { model: session.model }),
  };
}

/** A program that is ended answers everything with that it ended. */
async function within<Value>(handle: ProgramHandle, work: () => Promise<Value>): Promise<Value> {
  const timer = setTimeout(() => void handle.stop(), START_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

function createSwitchboard() {
  let listener: AppServerOwner | undefined;
  let isOver = false;
  const owner: AppServerOwner = {
    take: (notification) => listener?.take(notification),
    answer: async (request) => listener?.answer(request),
    end() {
      isOver = true;
      listener?.end();
    },
  };
  return {
    owner,
    isOver: () => isOver,
    listen(next: AppServerOwner | undefined): void {
      listener = next;
      if (isOver) next?.end();
    },
  };
}

/** What must not stand in a log. */
export function secretsIn({ settings, session }: Pick<WantedThread, 'settings' | 'session'>): readonly string[] {
  const token = session.tools?.endpoint?.token;
  return [...secretsOf(settings.environment), ...(token === undefined ? [] : [token])];
}

// oxlint-disable-next-line no-control-regex
const COLOURS = /\u001B\[[\d;]*m/g;

/** The last line that it wrote to its standard error. */
function lastWords(program: ProgramHandle): string {
  const lines = program.stderrTail().replaceAll(COLOURS, '').split('\n');
  return lines.findLast((line) => line.trim() !== '') ?? 'it ended without a word';
}

function cannotStart(reason: string, secrets: readonly string[]): EngineError {
  const { detail } = driverFailure('crashed', reason, { secrets });
  const message = `Cannot start codex: ${detail}; see whether \`codex app-server\` of a recent version works with this config.toml`;
  return new EngineError(message, { code: 'unavailable' });
}
