// Whatever carries a call, the model sees the same. spec: mcp-tools 13, 14.1
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createCloser, type JsonValue, seededRandom, silentLogger } from '@puffo/base';
import { createMcpResponder } from '@puffo/engine';
import { waitFor } from '@puffo/testbed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startToolEndpoint } from '../../src/tools/endpoint/start-tool-endpoint.ts';
import { toolProxyFile } from '../../src/tools/tool-proxy-file.ts';
import { startToolWorld, type ToolWorld } from './tool-world.ts';

type Ask = (message: { readonly id: number; readonly method: string; readonly params?: object }) => Promise<JsonValue>;

const closer = createCloser();
const transports = new Map<string, Ask>();
let world: ToolWorld;

beforeAll(async () => {
  world = closer.use(await startToolWorld());
  const endpoint = closer.use(
    await startToolEndpoint({ bindHost: '127.0.0.1', random: seededRandom(2), logger: silentLogger }),
  );
  const { url, token } = endpoint.issue('helper', world.host);
  const responder = createMcpResponder(world.host);
  transports.set(
    'hosted',
    async (message) => (await responder.answer({ jsonrpc: '2.0', ...message } as JsonValue)) ?? null,
  );
  transports.set('http', async (message) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...message }) });
    return (await answer.json()) as JsonValue;
  });
  const child = spawn(process.execPath, [toolProxyFile()], { env: { PUFFO_TOOL_URL: url, PUFFO_TOOL_TOKEN: token } });
  closer.defer(() => child.kill('SIGKILL'));
  const answers: { readonly id?: number }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => answers.push(JSON.parse(line)));
  transports.set('proxy', async (message) => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    return waitFor(() => answers.find(({ id }) => id === message.id), 'the answer') as Promise<JsonValue>;
  });
});

afterAll(() => closer[Symbol.asyncDispose]());

let ids = 0;

/** Of each transport, without the id of the request. */
async function askAll(method: string, params: object = {}): Promise<readonly JsonValue[]> {
  const results: JsonValue[] = [];
  for (const ask of transports.values()) {
    const answer = (await ask({ id: ++ids, method, params })) as {
      readonly result?: JsonValue;
      readonly error?: JsonValue;
    };
    results.push(answer.result ?? answer.error ?? null);
  }
  return results;
}

describe('hosted, HTTP and proxy', () => {
  test('14.1 list the same tools with identical schemas', async () => {
    const [hosted, http, proxy] = (await askAll('tools/list')) as unknown as { tools: { name: string }[] }[];
    expect(http).toEqual(hosted);
    expect(proxy).toEqual(hosted);
    const kept =
      'send_message upload_file send_message_with_attachments whoami list_channels list_channel_members get_user_info get_channel_history get_post reload_system_prompt refresh install_skill uninstall_skill list_skills install_mcp_server uninstall_mcp_server list_mcp_servers';
    expect(hosted?.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(kept.split(' ')));
  });

  test('say the same in initialize', async () => {
    const [hosted, ...others] = await askAll('initialize', { protocolVersion: '2025-06-18' });
    expect(hosted).toMatchObject({ protocolVersion: '2025-06-18', instructions: world.host.instructions });
    for (const other of others) expect(other).toEqual(hosted);
  });

  test.each<[string, object]>([
    ['whoami', {}],
    ['list_channels', {}],
    ['get_channel_history', {}],
    ['get_post', { post_ref: 'msg_none' }],
    ['send_message', { channel: '#general', text: 'x' }],
    ['upload_file', { paths: ['../x'], channel: '@' }],
    ['list_memory', { unknown: 1 }],
    ['read_memory', { topic: '../../etc' }],
    ['no_such_tool', {}],
  ])('14.12, 14.13 answer %s with the same text, and text only', async (name, input) => {
    const [hosted, ...others] = await askAll('tools/call', { name, arguments: input });
    expect(hosted).toEqual({ content: [{ type: 'text', text: expect.any(String) }], isError: expect.any(Boolean) });
    for (const other of others) expect(other).toEqual(hosted);
    expect(JSON.stringify(hosted)).not.toMatch(/ {4}at |node:|HTTP|status/);
  });
});
