// A server that an agent registered, in the real Claude Code: its tools are offered to the model, and those of a project are not.
// `PUFFO_ENGINE_CLIS` names a folder with `node_modules` of the programs. spec: mcp-tools 7.4
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@puffo/base';
import { createClaudeCodeEngine, createHostPlacement } from '@puffo/engine';
import { startFakeProvider } from '@puffo/testbed';
import { expect, test } from 'vitest';
import { CLAUDE_SERVERS, writeClaudeServers } from '../../src/worker/claude-servers.ts';

// oxlint-disable-next-line node/no-process-env -- what the one who runs the tests says
const { PATH = '', PUFFO_ENGINE_CLIS = '' } = process.env;
const MODULES = join(PUFFO_ENGINE_CLIS, 'node_modules');
const TURNS = 5;

/** Speaks as much of MCP as it takes to offer a tool. */
const SERVER = `
const { createInterface } = require('node:readline');
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const inputSchema = { type: 'object', properties: {} };
  const result =
    method === 'initialize'
      ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } }
      : method === 'tools/list' ? { tools: [{ name: process.env.TOOL_NAME, description: 'Looks.', inputSchema }] } : {};
  console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
});
`;

test('Claude Code offers the tools of registered servers', { timeout: 180_000 }, async ({ skip }) => {
  const paths = [join(MODULES, '@anthropic-ai/claude-code-linux-x64/claude'), join(MODULES, '.bin/claude')];
  const program = PUFFO_ENGINE_CLIS === '' ? undefined : paths.find((path) => existsSync(path));
  if (program === undefined) return skip('Claude Code is not below PUFFO_ENGINE_CLIS');
  const agentDir = await mkdtemp(join(tmpdir(), 'puffo-servers-'));
  const workspaceDir = join(agentDir, 'workspace');
  await mkdir(workspaceDir);
  try {
    await using provider = await startFakeProvider({ defaultReply: 'Noted.' });
    const script = join(agentDir, 'server.cjs');
    await writeFile(script, SERVER);
    const serverOf = (name: string) => ({ command: process.execPath, args: [script], env: { TOOL_NAME: name } });
    await writeFile(join(workspaceDir, '.mcp.json'), JSON.stringify({ mcpServers: { own: serverOf('look'), bad: 1 } }));
    await writeFile(join(agentDir, '.claude.json'), JSON.stringify({ mcpServers: { theirs: serverOf('see') } }));
    await writeClaudeServers({ agentDir, workspaceDir, logger: silentLogger });
    const engine = createClaudeCodeEngine({
      program,
      workspaceDir,
      agentDir,
      placement: createHostPlacement(),
      environment: {
        PATH,
        HOME: agentDir,
        ANTHROPIC_API_KEY: 'sk-test-1',
        ANTHROPIC_BASE_URL: provider.baseUrls.anthropic,
      },
      permissionMode: 'acceptEdits',
      idleShutdownMs: 0,
      silenceMs: 60_000,
      mcpConfigFile: join(agentDir, CLAUDE_SERVERS),
    });
    await using session = await engine.openSession({ systemPrompt: 'Be brief.', model: 'claude-sonnet-4-6' });
    // Tools that are many are found by search: then only their names are told.
    const isTold = (name: string) => JSON.stringify(provider.calls('anthropic').at(-1)?.raw ?? '').includes(name);
    const names = ['mcp__own__look', 'mcp__theirs__see'];
    // It may begin a turn before its servers have answered.
    for (let at = 0; at < TURNS && !names.every(isTold); at++) {
      const input = { turnId: `turn-${at}`, text: 'Hello' };
      for await (const event of session.runTurn(input, new AbortController().signal)) {
        if (event.kind === 'turn_end') expect(event.outcome).toEqual({ kind: 'ok' });
      }
    }
    expect(names.filter(isTold)).toEqual(names);
  } finally {
    await rm(agentDir, { recursive: true, force: true, maxRetries: 5 });
  }
});
