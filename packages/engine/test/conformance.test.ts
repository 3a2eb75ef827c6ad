import { type FakeProvider, type ProviderErrorName, replies, startFakeProvider } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import {
  createScriptedEngine,
  type Engine,
  type EngineFailureClass,
  type EngineHarness,
  engineChecks,
  scriptedTurns,
  type ToolHost,
} from '../src/index.ts';
import { CHAT_CASES, type ChatCase, openEngine } from './kit/chat-cases.ts';

const NAMES = engineChecks.map(({ name, run }) => ({ name, run }));

describe('the scripted engine', () => {
  test.each(NAMES)('$name', async ({ run }) => {
    await expect(run(harnessOfScript())).resolves.toBeUndefined();
  });

  test.each(NAMES)('$name, also when it cannot resume', async ({ run }) => {
    await expect(run(harnessOfScript({ resume: false }))).resolves.toBeUndefined();
  });
});

describe.each(CHAT_CASES)('the chat engine of $provider', (each) => {
  test.each(NAMES)('$name', async ({ run }) => {
    await using provider = await startFakeProvider();
    await expect(run(harnessOfChat(each, provider))).resolves.toBeUndefined();
    expect(provider.unexpected).toEqual([]);
  });
});

describe('the chat engine that is offered tools', () => {
  const [each] = CHAT_CASES;

  test.each(NAMES)('$name', async ({ run }) => {
    await using provider = await startFakeProvider();
    const harness = harnessOfChat(each!, provider);
    const remake = () => offering(harness.remake());
    await expect(run({ ...harness, engine: offering(harness.engine), remake })).resolves.toBeUndefined();
    expect(provider.calls(each!.api).every(({ toolNames }) => toolNames.includes('look'))).toBe(true);
    expect(provider.unexpected).toEqual([]);
  });
});

/** The same engine, with a tool in every session. */
function offering(engine: Engine): Engine {
  const tools: ToolHost = {
    instructions: 'Look first.',
    listTools: () => [{ name: 'look', description: 'Looks.', inputSchema: { type: 'object' }, isReadOnly: true }],
    callTool: () => Promise.resolve({ text: 'Nothing.', isError: false }),
  };
  return { ...engine, openSession: (options) => engine.openSession({ ...options, tools }) };
}

describe('the checks', () => {
  const broken: readonly [string, (engine: Engine) => Engine][] = [
    ['throws instead of ending a turn', (engine) => change(engine, throwing)],
    ['ends a turn twice', (engine) => change(engine, endingTwice)],
    ['never ends a turn', (engine) => change(engine, withoutEnd)],
    ['answers with something else', (engine) => change(engine, distorted)],
  ];

  test.each(broken)('find an engine that %s', async (_, breakEngine) => {
    const results = await Promise.allSettled(
      engineChecks.slice(0, 4).map(async ({ run }) => {
        const harness = harnessOfScript();
        await run({ ...harness, engine: breakEngine(harness.engine) });
      }),
    );
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
  });
});

type RunTurn = Awaited<ReturnType<Engine['openSession']>>['runTurn'];

function change(engine: Engine, wrap: (runTurn: RunTurn) => RunTurn): Engine {
  return {
    name: engine.name,
    capabilities: engine.capabilities,
    async openSession(options) {
      const session = await engine.openSession(options);
      return { ...session, runTurn: wrap(session.runTurn) };
    },
  };
}

function throwing(runTurn: RunTurn): RunTurn {
  return async function* thrown(input, signal) {
    for await (const event of runTurn(input, signal)) {
      if (event.kind === 'turn_end') throw new Error('It did not work');
      yield event;
    }
  };
}

function endingTwice(runTurn: RunTurn): RunTurn {
  return async function* twice(input, signal) {
    for await (const event of runTurn(input, signal)) {
      yield event;
      if (event.kind === 'turn_end') yield event;
    }
  };
}

function withoutEnd(runTurn: RunTurn): RunTurn {
  return async function* endless(input, signal) {
    for await (const event of runTurn(input, signal)) if (event.kind !== 'turn_end') yield event;
  };
}

function distorted(runTurn: RunTurn): RunTurn {
  return async function* other(input, signal) {
    for await (const event of runTurn(input, signal)) {
      yield event.kind === 'text' ? { kind: 'text', text: 'Something else' } : event;
    }
  };
}

function harnessOfScript(capabilities: { readonly resume?: boolean } = {}): EngineHarness {
  let engine = createScriptedEngine({ capabilities });
  return {
    engine,
    model: 'none',
    staleRef: { scripted: 0 },
    failures: ['overloaded', 'auth', 'crashed'],
    answer: (text) => engine.script([scriptedTurns.text(text)]),
    fail: (failureClass) => engine.script([scriptedTurns.failure(failureClass)]),
    hang: () => engine.script([scriptedTurns.hang()]),
    countAsked: () => engine.turns.length,
    lastSeen: () => engine.turns.at(-1)?.seen.join('\n') ?? '',
    remake() {
      engine = createScriptedEngine({ capabilities });
      return engine;
    },
  };
}

const PROVOKED: ReadonlyMap<EngineFailureClass, ProviderErrorName> = new Map([
  ['overloaded', 'overloaded'],
  ['server_error', 'server_error'],
  ['rate_limited', 'rate_limit'],
  ['auth', 'authentication'],
  ['bad_model', 'model_not_found'],
  ['input_too_large', 'prompt_too_long'],
] as const);

function harnessOfChat(each: ChatCase, provider: FakeProvider): EngineHarness {
  return {
    engine: openEngine(each, provider),
    model: each.model,
    staleRef: { chat: 0, entries: [] },
    failures: [...PROVOKED.keys()],
    answer: (text) => provider.script([text]),
    fail: (failureClass) => provider.script([replies.error(PROVOKED.get(failureClass) ?? 'server_error')]),
    hang: () => provider.script([replies.hang()]),
    countAsked: () => provider.calls(each.api).length,
    lastSeen: () =>
      (provider.calls(each.api).at(-1)?.messages ?? [])
        .filter(({ role }) => role === 'user')
        .map(({ text }) => text)
        .join('\n'),
    remake: () => openEngine(each, provider),
  };
}
