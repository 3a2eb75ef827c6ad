// Turns of chat engines that use tools. spec: mcp-tools 1.2, 3.8, 8.3
import { createDeferred, type JsonObject, sleep } from '@puffo/base';
import { type AnswerStep, createGate, replies, startFakeProvider } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import type { EngineEvent, ToolAnswer, ToolCall, ToolHost, ToolSpec } from '../src/index.ts';
import { CHAT_CASES, openEngine, takeTurn } from './kit/chat-cases.ts';

const SCHEMA: JsonObject = {
  type: 'object',
  properties: { text: { type: 'string', description: 'What to say' } },
  required: ['text'],
};

const SPECS: readonly ToolSpec[] = [
  { name: 'send_message', description: 'Says something.', inputSchema: SCHEMA, isReadOnly: false },
  { name: 'look', description: 'Looks.', inputSchema: { type: 'object', properties: {} }, isReadOnly: true },
];

type Answering = (call: ToolCall, signal: AbortSignal) => Promise<ToolAnswer>;

function hostOf(answering: Answering = () => Promise.resolve(SENT)) {
  const calls: ToolCall[] = [];
  const host: ToolHost = {
    instructions: 'Speak with send_message.',
    listTools: () => SPECS,
    callTool(call, signal) {
      calls.push(call);
      return answering(call, signal);
    },
  };
  return { host, calls };
}

const SENT: ToolAnswer = { text: 'Sent.', isError: false };

function call(name: string, id: string, input: JsonObject = {}): AnswerStep {
  return { kind: 'tool_call', name, id, input };
}

/** What is told of tools, in order: `start look`, `end look`. Google has no ids, so they are named by their start. */
function toolLine(events: readonly EngineEvent[]): readonly string[] {
  const names = new Map<string, string>();
  return events.flatMap((event) => {
    if (event.kind === 'tool_start') {
      names.set(event.callId, event.name);
      return [`start ${event.name}`];
    }
    return event.kind === 'tool_end' ? [`end ${names.get(event.callId)}${event.isError ? ' (error)' : ''}`] : [];
  });
}

describe.each(CHAT_CASES)('a session of $provider with tools', (each) => {
  const session = { systemPrompt: 'Be kind.', model: each.model };

  test('does what the model calls for, tells it what came of it, and says what it says', async () => {
    await using provider = await startFakeProvider();
    const { host, calls } = hostOf();
    await using open = await openEngine(each, provider).openSession({ ...session, tools: host });
    const input = { text: 'Grüße, "world"' };
    provider.script([replies.toolCall({ name: 'send_message', id: 'call_1', input, text: 'One moment.' }), 'Done.']);
    const turn = await takeTurn(open, 'Say hello');
    expect(turn.end.outcome).toEqual({ kind: 'ok' });
    expect(turn.texts).toEqual(['One moment.', 'Done.']);
    expect(calls).toMatchObject([{ name: 'send_message', input }]);
    expect(toolLine(turn.events)).toEqual(['start send_message', 'end send_message']);
    expect(turn.events.find(({ kind }) => kind === 'tool_start')).toMatchObject({ callId: calls[0]?.callId, input });
    if (each.provider !== 'google') expect(calls[0]?.callId).toBe('call_1');
    const [first, second] = provider.calls(each.api);
    expect(first).toMatchObject({
      toolNames: ['send_message', 'look'],
      system: 'Be kind.\n\nSpeak with send_message.',
    });
    expect(second?.messages.at(-1)?.toolResults).toMatchObject([{ text: expect.stringContaining('Sent.') }]);
    expect(provider.unexpected).toEqual([]);
  });

  test('remembers what was done, also after a restart', async () => {
    await using provider = await startFakeProvider();
    const { host } = hostOf(() => Promise.resolve({ text: 'Cannot send: no such channel', isError: true }));
    const open = await openEngine(each, provider).openSession({ ...session, tools: host });
    provider.script([replies.toolCall({ name: 'send_message', input: { text: 'Hi' } }), 'It failed.', 'Still.', 'No.']);
    const { end, events } = await takeTurn(open, 'Say hi');
    expect(toolLine(events)).toEqual(['start send_message', 'end send_message (error)']);
    await takeTurn(open, 'And now?');
    const shown = provider.calls(each.api).at(-1)?.messages ?? [];
    expect(shown.flatMap(({ toolCalls }) => toolCalls)).toMatchObject([
      { name: 'send_message', input: { text: 'Hi' } },
    ]);
    const [result] = shown.flatMap(({ toolResults }) => toolResults);
    expect(result?.text).toContain('no such channel');
    // What it was made of survives as JSON.
    const resume = structuredClone(end.session);
    await using again = await openEngine(each, provider).openSession({ ...session, tools: host, resume });
    expect(again.isResumed).toBe(true);
    await takeTurn(again, 'And now?');
    const later = provider.calls(each.api).at(-1)?.messages ?? [];
    expect(later.map(({ role, text }) => [role, text])).toEqual(shown.map(({ role, text }) => [role, text]));
    expect(later.flatMap(({ toolResults }) => toolResults)).toEqual(shown.flatMap(({ toolResults }) => toolResults));
    expect(provider.unexpected).toEqual([]);
  });

  test('runs calls that change nothing side by side, and the others one after the other', async () => {
    await using provider = await startFakeProvider();
    const looks = [createDeferred<ToolAnswer>(), createDeferred<ToolAnswer>()];
    const waiting = [...looks];
    const { host, calls } = hostOf(({ name }) => {
      if (name !== 'look') return Promise.resolve(SENT);
      const look = waiting.shift();
      // The first is answered when the second has begun, so they have to be under way together.
      if (waiting.length === 0) for (const each of looks) each.resolve({ text: 'Nothing.', isError: false });
      return look?.promise ?? Promise.resolve(SENT);
    });
    await using open = await openEngine(each, provider).openSession({ ...session, tools: host });
    const steps = [
      call('look', 'a'),
      call('look', 'b'),
      call('send_message', 'c', { text: '1' }),
      call('send_message', 'd', { text: '2' }),
    ];
    provider.script([replies.steps(steps), 'Done.']);
    const { events, end } = await takeTurn(open, 'Look around, then say it');
    expect(end.outcome).toEqual({ kind: 'ok' });
    expect(toolLine(events)).toEqual([
      'start look',
      'start look',
      'end look',
      'end look',
      'start send_message',
      'end send_message',
      'start send_message',
      'end send_message',
    ]);
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(4);
    const told = provider
      .calls(each.api)
      .at(-1)
      ?.messages.flatMap(({ toolResults }) => toolResults);
    expect(told).toHaveLength(4);
  });

  test('adds up the tokens of all answers', async () => {
    await using provider = await startFakeProvider();
    const { host } = hostOf();
    await using open = await openEngine(each, provider).openSession({ ...session, tools: host });
    provider.script([
      replies.toolCall({ name: 'look' }, { usage: { inputTokens: 100, outputTokens: 10 } }),
      replies.text('Done.', { usage: { inputTokens: 120, outputTokens: 5 } }),
    ]);
    expect((await takeTurn(open, 'Look')).end.usage).toEqual({ inputTokens: 220, outputTokens: 15 });
  });

  test('can be called off in the middle of a tool, and knows later that it may have happened', async () => {
    await using provider = await startFakeProvider();
    const abort = new AbortController();
    let heard: AbortSignal | undefined;
    const { host } = hostOf(async (_, signal) => {
      heard = signal;
      abort.abort();
      // It does not listen.
      return createDeferred<ToolAnswer>().promise;
    });
    await using open = await openEngine(each, provider).openSession({ ...session, tools: host });
    provider.script([
      replies.steps([call('send_message', 'a', { text: '1' }), call('send_message', 'b', { text: '2' })]),
      'Yes.',
    ]);
    const turn = await takeTurn(open, 'Say it', abort.signal);
    expect(turn.end.outcome).toEqual({ kind: 'cancelled' });
    expect(turn.texts).toEqual([]);
    expect(heard?.aborted).toBe(true);
    expect(toolLine(turn.events)).toEqual(['start send_message', 'end send_message (error)']);
    expect((await takeTurn(open, 'Did you?')).texts).toEqual(['Yes.']);
    const told =
      provider
        .calls(each.api)
        .at(-1)
        ?.messages.flatMap(({ toolResults }) => toolResults) ?? [];
    expect(told.map(({ text }) => text)).toEqual([
      expect.stringContaining('may have been done'),
      expect.stringContaining('was not done'),
    ]);
    expect(provider.unexpected).toEqual([]);
  });

  test('fails after something was done without forgetting it', async () => {
    await using provider = await startFakeProvider();
    const { host, calls } = hostOf();
    await using open = await openEngine(each, provider).openSession({ ...session, tools: host });
    const input = { text: 'Hi' };
    provider.script([
      replies.toolCall({ name: 'send_message', input }),
      replies.error('overloaded'),
      'I have said it.',
    ]);
    const turn = await takeTurn(open, 'Say hi');
    expect(turn.failure).toMatchObject({ failureClass: 'overloaded' });
    expect(turn.events.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect((await takeTurn(open, 'Go on')).texts).toEqual(['I have said it.']);
    expect(
      provider
        .calls(each.api)
        .at(-1)
        ?.messages.flatMap(({ toolCalls }) => toolCalls),
    ).toMatchObject([{ input }]);
    expect(calls).toHaveLength(1);
    expect(provider.unexpected).toEqual([]);
  });

  test('tells the model when it calls for a tool that there is not', async () => {
    await using provider = await startFakeProvider();
    const { host, calls } = hostOf(() => Promise.resolve({ text: 'There is no tool "fly"', isError: true }));
    await using open = await openEngine(each, provider).openSession({ ...session, tools: host });
    provider.script([replies.toolCall({ name: 'fly', input: { to: 'the moon' } }), 'I cannot fly.']);
    const turn = await takeTurn(open, 'Fly');
    expect(turn.texts).toEqual(['I cannot fly.']);
    expect(calls).toMatchObject([{ name: 'fly', input: { to: 'the moon' } }]);
    const results =
      provider
        .calls(each.api)
        .at(-1)
        ?.messages.flatMap(({ toolResults }) => toolResults) ?? [];
    expect(results.map(({ text }) => text)).toEqual([expect.stringContaining('There is no tool')]);
  });

  test('ends a turn that never stops calling', async () => {
    await using provider = await startFakeProvider({ defaultReply: replies.toolCall({ name: 'look' }) });
    const { host, calls } = hostOf();
    await using open = await openEngine(each, provider).openSession({ ...session, tools: host });
    expect((await takeTurn(open, 'Look')).failure).toMatchObject({
      failureClass: 'protocol',
      detail: expect.stringContaining('more often'),
    });
    expect(provider.calls(each.api)).toHaveLength(20);
    expect(calls).toHaveLength(19);
  });

  test('has no patience for a provider that is silent, and all of it for a tool', async () => {
    await using provider = await startFakeProvider();
    const slow = createGate();
    const { host } = hostOf(async () => {
      await slow.opened;
      return SENT;
    });
    await using open = await openEngine(each, provider, { silenceMs: 150 }).openSession({ ...session, tools: host });
    provider.script([replies.toolCall({ name: 'look' }), replies.hang()]);
    const running = takeTurn(open, 'Look');
    const asked = provider.calls(each.api).length;
    // Longer than the silence that is put up with.
    await expect(Promise.race([running, sleep(400).then(() => 'quiet')])).resolves.toBe('quiet');
    slow.release();
    expect((await running).failure).toMatchObject({ failureClass: 'timeout' });
    expect(provider.calls(each.api).length).toBeGreaterThan(asked);
  });

  test('makes ids of its own when those of the provider come twice', async () => {
    await using provider = await startFakeProvider();
    const { host, calls } = hostOf();
    await using open = await openEngine(each, provider).openSession({ ...session, tools: host });
    const again = replies.toolCall({ name: 'look', id: 'call_0' });
    provider.script([again, again, 'Done.']);
    await takeTurn(open, 'Look twice');
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(2);
  });
});

test('an answer that is cut off in the middle of a call runs nothing', async () => {
  for (const each of CHAT_CASES) {
    await using provider = await startFakeProvider();
    const { host, calls } = hostOf();
    const session = { systemPrompt: '', model: each.model, tools: host };
    await using open = await openEngine(each, provider).openSession(session);
    provider.script([replies.toolCall({ name: 'send_message', input: { text: 'Hi' } }, { finish: 'length' })]);
    expect((await takeTurn(open, 'Say hi')).end.outcome.kind).toBe('failed');
    provider.script([replies.steps([call('send_message', 'a', { text: 'Hi' }), { kind: 'cut' }])]);
    expect((await takeTurn(open, 'Say hi')).failure).toMatchObject({ failureClass: 'network' });
    expect(calls).toEqual([]);
  }
});
