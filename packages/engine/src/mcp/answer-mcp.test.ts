import { createDeferred, type JsonObject, type JsonValue, seededRandom } from '@puffo/base';
import { describe, expect, test } from 'vitest';
import type { ToolAnswer, ToolCall, ToolHost } from '../spec/tools.ts';
import { createMcpResponder } from './answer-mcp.ts';

type CallTool = (call: ToolCall, signal: AbortSignal) => Promise<ToolAnswer>;

function hostOf(callTool: CallTool = () => Promise.resolve({ text: 'Done', isError: false })): ToolHost {
  return {
    instructions: 'Speak with send_message.',
    listTools: () => [
      { name: 'read', description: 'Reads', inputSchema: { type: 'object' }, isReadOnly: true },
      { name: 'leave', description: 'Leaves', inputSchema: { type: 'object' }, isReadOnly: false, isDestructive: true },
    ],
    callTool,
  };
}

function request(method: string, params: JsonObject = {}, id: JsonValue = 1): JsonObject {
  return { jsonrpc: '2.0', id, method, params };
}

function ask(message: JsonValue, callTool?: CallTool) {
  return createMcpResponder(hostOf(callTool), { random: seededRandom(1) }).answer(message);
}

describe('the tool server', () => {
  test.each([
    ['2025-06-18', '2025-06-18'],
    ['2024-11-05', '2024-11-05'],
    ['2031-01-01', '2025-11-25'],
    [undefined, '2025-11-25'],
  ])('answers a client that speaks %s in %s', async (wanted, spoken) => {
    const params = wanted === undefined ? {} : { protocolVersion: wanted };
    expect(await ask(request('initialize', params))).toMatchObject({
      id: 1,
      result: {
        protocolVersion: spoken,
        serverInfo: { name: 'puffo' },
        capabilities: { tools: {} },
        instructions: 'Speak with send_message.',
      },
    });
  });

  test('lists what tools do to the world, and that they are always there', async () => {
    expect(await ask(request('tools/list'))).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: {
        tools: [
          {
            name: 'read',
            description: 'Reads',
            inputSchema: { type: 'object' },
            annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: false, openWorldHint: false },
            _meta: { 'anthropic/alwaysLoad': true },
          },
          expect.objectContaining({ annotations: expect.objectContaining({ destructiveHint: true }) }),
        ],
      },
    });
  });

  test.each([
    [{ 'claudecode/toolUseId': 'toolu_1' }, 'toolu_1'],
    [{ callId: 'call_1', threadId: 'thread_1' }, 'thread_1/call_1'],
    [{ 'puffo/callId': 'abc' }, 'abc'],
    [{ callId: 'without a thread' }, expect.stringMatching(/^call-[0-9a-f]{32}$/)],
    [{ 'claudecode/toolUseId': 'x'.repeat(201) }, expect.stringMatching(/^call-[0-9a-f]{32}$/)],
  ])('knows a call by %j', async (meta, callId) => {
    const calls: ToolCall[] = [];
    const message = request('tools/call', { name: 'read', arguments: { a: 1 }, _meta: meta });
    const reply = await ask(message, async (call) => {
      calls.push(call);
      return { text: 'Done', isError: false };
    });
    expect(calls).toEqual([{ callId, name: 'read', input: { a: 1 } }]);
    expect(reply).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: { content: [{ type: 'text', text: 'Done' }], isError: false },
    });
  });

  test('passes on failures of tools as answers, and calls without arguments as calls without members', async () => {
    const reply = await ask(request('tools/call', { name: 'nothing' }), async ({ input }) => ({
      text: `Cannot find it: ${JSON.stringify(input)}`,
      isError: true,
    }));
    expect(reply).toMatchObject({ result: { content: [{ text: 'Cannot find it: {}' }], isError: true } });
  });

  test('aborts the call that is cancelled, and no other', async () => {
    const signals = new Map<string, AbortSignal>();
    const end = createDeferred<ToolAnswer>();
    const responder = createMcpResponder(
      hostOf((call, signal) => {
        signals.set(call.name, signal);
        return end.promise;
      }),
    );
    const [one, two] = [
      responder.answer(request('tools/call', { name: 'one' }, 1)),
      responder.answer(request('tools/call', { name: 'two' }, '1')),
    ];
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    expect(await responder.answer(cancel)).toBeUndefined();
    expect(signals.get('one')?.aborted).toBe(true);
    expect(signals.get('two')?.aborted).toBe(false);
    end.resolve({ text: '', isError: false });
    await Promise.all([one, two]);
  });

  test.each([
    ['an unknown method', request('server/discover'), { id: 1, error: { code: -32601 } }],
    ['a call without a name', request('tools/call', {}), { id: 1, error: { code: -32602 } }],
    ['a list of messages', [request('ping')], { id: null, error: { code: -32600 } }],
    ['no object', 'ping', { id: null, error: { code: -32600 } }],
    ['an id that is none', request('ping', {}, null), { id: null, error: { code: -32600 } }],
    ['parameters that are none', { ...request('ping'), params: [1] }, { id: 1, error: { code: -32600 } }],
    ['a ping', request('ping', {}, 'p'), { id: 'p', result: {} }],
  ])('answers %s as the protocol says', async (_, message, reply) => {
    expect(await ask(message)).toMatchObject(reply);
  });

  test.each([
    ['notifications', { jsonrpc: '2.0', method: 'notifications/initialized' }],
    ['answers', { jsonrpc: '2.0', id: 1, result: {} }],
  ])('has no reply to %s', async (_, message) => {
    expect(await ask(message)).toBeUndefined();
  });

  test('answers also when the host breaks its word', async () => {
    const reply = await ask(request('tools/call', { name: 'read' }), () => Promise.reject(new Error('secret')));
    expect(reply).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'The tool server failed' } });
  });
});
