import { describe, expect, test } from 'vitest';
import { createHostPlacement } from '../../program/create-host-placement.ts';
import { codexArguments } from './codex-arguments.ts';
import { type CodexEngineOptions, readCodexOptions } from './codex-options.ts';

const ENDPOINT = { url: 'http://127.0.0.1:4100/v1/mcp/agent', token: 'secret-token' };

function settingsOf(more: Partial<CodexEngineOptions> = {}) {
  return readCodexOptions({
    program: 'codex',
    environment: {},
    workspaceDir: '/agent/workspace',
    agentDir: '/agent',
    permissionMode: '',
    placement: createHostPlacement(),
    idleShutdownMs: 0,
    silenceMs: 0,
    ...more,
  });
}

function valueOf(args: readonly string[], path: string): string | undefined {
  return args.find((each) => each.startsWith(`${path}=`))?.slice(path.length + 1);
}

describe('the arguments of codex', () => {
  test('are settings of `app-server`, each behind its option', () => {
    const [command, ...rest] = codexArguments(settingsOf(), undefined);
    expect(command).toBe('app-server');
    expect(rest.filter((_, index) => index % 2 === 0).every((each) => each === '-c')).toBe(true);
    expect(rest.filter((_, index) => index % 2 === 1).every((each) => /^[\w.]+=/.test(each))).toBe(true);
  });

  test('offer our tools directly, and name the variable of their token', () => {
    const args = codexArguments(settingsOf(), ENDPOINT);
    expect(valueOf(args, 'features.code_mode.direct_only_tool_namespaces')).toBe('["mcp__puffo"]');
    expect(valueOf(args, 'mcp_servers.puffo')).toContain('url="http://127.0.0.1:4100/v1/mcp/agent"');
    expect(valueOf(args, 'mcp_servers.puffo')).toContain('bearer_token_env_var="PUFFO_TOOL_TOKEN"');
    expect(valueOf(args, 'mcp_servers.puffo')).toContain('required=true');
    expect(args.join(' ')).not.toContain(ENDPOINT.token);
  });

  test('name no server without tools, and no provider without a gateway', () => {
    const args = codexArguments(settingsOf(), undefined).join(' ');
    expect(args).not.toContain('mcp_servers');
    expect(args).not.toContain('model_provider');
  });

  test('cannot be broken out of by an address', () => {
    const gateway = { baseUrl: 'http://h/"\\\n}', keyVariable: 'KEY' };
    const args = codexArguments(settingsOf({ gateway }), undefined);
    expect(valueOf(args, 'model_providers.puffo_gateway')).toContain('base_url="http://h/\\"\\\\\\n}",env_key="KEY"');
  });

  test('leave the folder of codex where the environment says, or put it below the agent', () => {
    expect(settingsOf().codexHome).toBe('/agent/.codex');
    expect(settingsOf({ environment: { CODEX_HOME: '/inside/.codex' } }).codexHome).toBe('/inside/.codex');
  });
});
