// What tests with real programs have in common: where the programs are, a throw-away home, a provider on loopback, tools that are
// recorded. `PUFFO_ENGINE_CLIS` names a folder with `node_modules` of the programs.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FakeProvider,
  type FakeProviderOptions,
  type ProviderApi,
  type ProviderErrorName,
  replies,
  startFakeProvider,
} from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import {
  type Engine,
  type EngineEvent,
  type EngineFailureClass,
  type EngineHarness,
  type EngineSession,
  engineChecks,
  type SessionRef,
  type ToolAnswer,
  type ToolCall,
  type ToolHost,
} from '../../src/index.ts';

export type FoundCli =
  | { readonly kind: 'found'; readonly program: string }
  | { readonly kind: 'missing'; readonly reason: string };

// oxlint-disable-next-line node/no-process-env -- what the one who runs the tests says
const { PATH = '', PUFFO_ENGINE_CLIS = '' } = process.env;

/** `candidates`: paths below `node_modules`, the best first. */
export function findCli(candidates: readonly string[]): FoundCli {
  if (PUFFO_ENGINE_CLIS === '') return { kind: 'missing', reason: 'PUFFO_ENGINE_CLIS is not set' };
  const paths = candidates.map((path) => join(PUFFO_ENGINE_CLIS, 'node_modules', path));
  const program = paths.find((path) => existsSync(path));
  if (program !== undefined) return { kind: 'found', program };
  return { kind: 'missing', reason: `${PUFFO_ENGINE_CLIS} has none of ${candidates.join(', ')}` };
}

const TEST_MS = 180_000;

/** The tests of `define`; skipped, with the reason in their title, when the program is not there. */
export function describeCli(name: string, cli: FoundCli, define: (program: string) => void): void {
  const isMissing = cli.kind === 'missing';
  const title = isMissing ? `${name} (skipped: ${cli.reason})` : name;
  // oxlint-disable-next-line vitest/valid-title -- it is composed
  describe.skipIf(isMissing)(title, { timeout: TEST_MS }, () => {
    define(isMissing ? '' : cli.program);
  });
}

export interface CliWorld extends AsyncDisposable {
  /** HOME of the program. */
  readonly agentDir: string;
  readonly workspaceDir: string;
  readonly provider: FakeProvider;
  /** Nothing of ours but PATH, and a home that is not ours. */
  readonly environment: Readonly<Record<string, string>>;
}

export async function openCliWorld(options: FakeProviderOptions = {}): Promise<CliWorld> {
  const root = await mkdtemp(join(tmpdir(), 'puffo-cli-'));
  const agentDir = join(root, 'operator', 'agent');
  const workspaceDir = join(agentDir, 'workspace');
  await mkdir(workspaceDir, { recursive: true });
  const provider = await startFakeProvider(options);
  return {
    agentDir,
    workspaceDir,
    provider,
    environment: { PATH, HOME: agentDir, USERPROFILE: agentDir, TMPDIR: root },
    async [Symbol.asyncDispose]() {
      await provider[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export interface CliHarnessOptions {
  readonly world: CliWorld;
  readonly api: ProviderApi;
  readonly model: string;
  readonly staleRef: SessionRef;
  readonly failures: ReadonlyMap<EngineFailureClass, ProviderErrorName>;
  openEngine(): Engine;
}

function harnessOfCli({ world, api, model, staleRef, failures, openEngine }: CliHarnessOptions): EngineHarness {
  const { provider } = world;
  return {
    engine: openEngine(),
    model,
    staleRef,
    failures: [...failures.keys()],
    answer: (text) => provider.script([text]),
    // A program tries again by itself: the answer is the same until there is another one.
    fail: (failureClass) => provider.respond(() => replies.error(failures.get(failureClass) ?? 'server_error')),
    hang: () => provider.script([replies.hang()]),
    countAsked: () => provider.calls(api).length,
    lastSeen: () => usersTextOf(provider, api),
    remake: openEngine,
  };
}

/** All that the model was told by users when it was asked last. */
export function usersTextOf(provider: FakeProvider, api: ProviderApi): string {
  const messages = provider.calls(api).at(-1)?.messages ?? [];
  return messages
    .filter(({ role }) => role === 'user')
    .map(({ text }) => text)
    .join('\n');
}

/** One test per conformance check, each in a world of its own. */
export function testConformance(open: (world: CliWorld) => Omit<CliHarnessOptions, 'world'>): void {
  test.each(engineChecks.map(({ name, run }) => ({ name, run })))('$name', async ({ run }) => {
    await using world = await openCliWorld();
    await expect(run(harnessOfCli({ world, ...open(world) }))).resolves.toBeUndefined();
    expect(world.provider.unexpected).toEqual([]);
  });
}

export interface RecordedTools extends ToolHost {
  readonly calls: readonly ToolCall[];
}

/** One tool, `send_message`, that remembers its calls. */
export function recordTools(answer: (call: ToolCall) => ToolAnswer = sent): RecordedTools {
  const calls: ToolCall[] = [];
  return {
    calls,
    instructions: 'Speak with send_message.',
    listTools: () => [
      {
        name: 'send_message',
        description: 'Sends a message to a channel.',
        inputSchema: {
          type: 'object',
          properties: { channel: { type: 'string' }, text: { type: 'string' } },
          required: ['channel', 'text'],
        },
        isReadOnly: false,
        isOpenWorld: true,
      },
    ],
    callTool(call) {
      calls.push(call);
      return Promise.resolve(answer(call));
    },
  };
}

function sent(): ToolAnswer {
  return { text: 'Sent.', isError: false };
}

export type TurnEnd = Extract<EngineEvent, { readonly kind: 'turn_end' }>;

let turnCount = 0;

/** Runs a turn to its end. `onEvent` sees the events as they come. */
export async function takeTurn(
  session: EngineSession,
  text: string,
  { signal = new AbortController().signal, onEvent }: TurnOptions = {},
): Promise<{ readonly events: readonly EngineEvent[]; readonly end: TurnEnd; readonly text: string }> {
  const events: EngineEvent[] = [];
  turnCount++;
  for await (const event of session.runTurn({ turnId: `turn-${turnCount}`, text }, signal)) {
    events.push(event);
    onEvent?.(event);
  }
  const end = events.at(-1);
  if (end?.kind !== 'turn_end') throw new Error('A turn ended without turn_end');
  return { events, end, text: events.map((event) => (event.kind === 'text' ? event.text : '')).join('') };
}

export interface TurnOptions {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: EngineEvent) => void;
}

/** Of a turn that failed. */
export function failureOf({ outcome }: TurnEnd): EngineFailureClass | undefined {
  return outcome.kind === 'failed' ? outcome.failure.failureClass : undefined;
}
