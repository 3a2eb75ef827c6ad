// What Claude Code is started with, from what the operator and the agent registered. spec: mcp-tools 7.4, daemon-and-cli 1.15
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeClaudeServers } from '../../src/worker/claude-servers.ts';
import { createRecordingLogger } from '../kit/recording-logger.ts';

const SECRET = 'sk-of-a-server-5521';

let agentDir = '';
let workspaceDir = '';
let logger = createRecordingLogger();

beforeEach(async () => {
  agentDir = await mkdtemp(join(tmpdir(), 'puffo-servers-'));
  workspaceDir = join(agentDir, 'workspace');
  await mkdir(workspaceDir);
  logger = createRecordingLogger();
});

afterEach(async () => {
  await rm(agentDir, { recursive: true });
});

function putOperators(servers: unknown): Promise<void> {
  return writeFile(join(agentDir, '.claude.json'), JSON.stringify({ numStartups: 4, mcpServers: servers }));
}

function putOwn(servers: unknown): Promise<void> {
  return writeFile(join(workspaceDir, '.mcp.json'), JSON.stringify({ mcpServers: servers }));
}

async function written(): Promise<unknown> {
  await writeClaudeServers({ agentDir, workspaceDir, logger });
  return JSON.parse(await readFile(join(agentDir, 'mcp-config.json'), 'utf8'));
}

describe('the servers that Claude Code is started with', () => {
  test('are none when nobody registered any', async () => {
    expect(await written()).toEqual({ mcpServers: {} });
  });

  test("are the operator's and the agent's, and by name the operator's", async () => {
    const search = { command: 'npx', args: ['search'], env: { KEY: SECRET } };
    const remote = { type: 'http', url: 'https://mcp.example/x', headers: { Authorization: SECRET } };
    await putOperators({ search, both: { type: 'stdio', command: 'of-operator' } });
    await putOwn({ remote, both: { command: 'of-agent' } });
    const both = { type: 'stdio', command: 'of-operator' };
    expect(await written()).toEqual({ mcpServers: { search, remote, both } });
  });

  test('follow what is registered later', async () => {
    await putOwn({ one: { command: 'one' } });
    await written();
    await putOwn({ two: { command: 'two' } });
    expect(await written()).toEqual({ mcpServers: { two: { command: 'two' } } });
  });

  test('are never in the place of ours', async () => {
    await putOperators({ puffo: { command: 'theirs' } });
    await putOwn({ puffo: { command: 'own' } });
    expect(await written()).toEqual({ mcpServers: {} });
  });

  test.each([
    ['is no object', 'npx'],
    ['has no program', { args: ['x'] }],
    ['has arguments that are no texts', { command: 'x', args: [1] }],
    ['has variables that are no texts', { command: 'x', env: { A: 1 } }],
    ['is of an unknown type', { type: 'sdk', name: 'puffo' }],
    ['has no address', { type: 'http' }],
  ])('do not include one that %s, which is said without what it holds', async (_, server) => {
    await putOwn({ bad: server, good: { command: 'good', env: { KEY: SECRET } } });
    expect(await written()).toEqual({ mcpServers: { good: { command: 'good', env: { KEY: SECRET } } } });
    expect(logger.lines).toMatchObject([{ event: 'mcp-server-left-out', fields: { server: 'bad' } }]);
  });

  test('are in no line of the log', async () => {
    await putOperators({ search: { command: 'npx', env: { KEY: SECRET } }, 'bad name': { command: SECRET } });
    await written();
    expect(logger.lines.length).toBe(1);
    expect(JSON.stringify(logger.lines)).not.toContain(SECRET);
  });

  test.each(['[]', 'broken', '{"mcpServers": []}'])('are those of the other file when one holds %s', async (text) => {
    await putOwn({ one: { command: 'one' } });
    await writeFile(join(agentDir, '.claude.json'), text);
    expect(await written()).toEqual({ mcpServers: { one: { command: 'one' } } });
  });
});

describe.skipIf(process.platform === 'win32')('the file with the servers', () => {
  test('is for this user only', async () => {
    await written();
    expect((await stat(join(agentDir, 'mcp-config.json'))).mode & 0o777).toBe(0o600);
  });

  test('is not written through a link', async () => {
    const target = join(agentDir, 'target');
    await writeFile(target, 'untouched');
    await symlink(target, join(agentDir, 'mcp-config.json'));
    await putOwn({ one: { command: 'one' } });
    expect(await written()).toEqual({ mcpServers: { one: { command: 'one' } } });
    expect(await readFile(target, 'utf8')).toBe('untouched');
  });

  test('holds nothing that a link in the workspace leads to, and the agent goes on', async () => {
    const outside = join(agentDir, 'outside.json');
    await writeFile(outside, JSON.stringify({ mcpServers: { stolen: { command: 'x' } } }));
    await symlink(outside, join(workspaceDir, '.mcp.json'));
    await putOperators({ search: { command: 'npx' } });
    expect(await written()).toEqual({ mcpServers: { search: { command: 'npx' } } });
  });

  test('that cannot be written is an error of the engine that says what to do', async () => {
    await mkdir(join(agentDir, 'mcp-config.json', 'full'), { recursive: true });
    await expect(writeClaudeServers({ agentDir, workspaceDir, logger })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^Cannot write .*mcp-config\.json: look at/),
    });
  });
});
