import { describe, expect, test } from 'vitest';
import { answerQuestion } from '../src/drivers/gemini-cli/answer-question.ts';
import { planApproval } from '../src/drivers/gemini-cli/approval-plan.ts';
import { buildGeminiCommand, chooseModel } from '../src/drivers/gemini-cli/gemini-command.ts';
import { mergeGeminiSettings, withoutOwnServer } from '../src/drivers/gemini-cli/gemini-settings.ts';
import type { AskPermission } from '../src/index.ts';
import { createHostPlacement } from '../src/program/create-host-placement.ts';

describe('the command line of Gemini CLI', () => {
  const options = {
    program: '/bin/gemini',
    environment: { HOME: '/home/agent', GEMINI_API_KEY: 'key' },
    workspaceDir: '/home/agent/workspace',
    agentDir: '/data/agent',
    permissionMode: 'default',
    placement: createHostPlacement(),
    idleShutdownMs: 0,
    silenceMs: 0,
  };

  test('mcp-tools 7: holds neither secrets nor text, and the environment the token of the tools', () => {
    const approval = planApproval('default');
    const command = buildGeminiCommand(options, { model: 'gemini-2.5-flash', approval, toolToken: 'token' });
    expect(command.args).toEqual(['--acp', '--skip-trust', '--approval-mode=default', '--model=gemini-2.5-flash']);
    expect(command.environment).toMatchObject({ PUFFO_TOOL_TOKEN: 'token', TMPDIR: '/home/agent/.gemini/puffo-tmp' });
    expect(command.environment).not.toHaveProperty('GEMINI_CLI_TRUST_WORKSPACE');
  });

  test.each([
    ['', 'gemini-2.5-pro'],
    ['auto', 'gemini-2.5-pro'],
    ['gemini-2.5-flash[1m]', 'gemini-2.5-flash'],
  ])('takes the model "%s" as %s', (model, chosen) => {
    expect(chooseModel(model)).toBe(chosen);
  });

  test.each([
    ['', 'yolo', 'deny'],
    ['bypassPermissions', 'yolo', 'deny'],
    ['acceptEdits', 'auto_edit', 'ask'],
    ['default', 'default', 'ask'],
    ['dontAsk', 'default', 'deny'],
  ])('takes the permission mode "%s" as %s', (mode, flag, questions) => {
    expect(planApproval(mode)).toEqual({ flag, questions });
  });

  test.each(['plan', 'auto', 'Default', 'yolo'])('does not take the permission mode "%s" for another', (mode) => {
    expect(() => planApproval(mode)).toThrow(`Cannot run Gemini CLI with permission mode "${mode}"`);
  });
});

describe('the settings of Gemini CLI', () => {
  const endpoint = { url: 'http://127.0.0.1:9/v1/mcp/bot', token: 'secret-token' };

  test('name our tools without their token, and keep every other entry', () => {
    const existing = {
      ui: { theme: 'Dark' },
      general: { vimMode: true, maxAttempts: 10 },
      mcpServers: { other: { command: 'x' }, puffo: { command: 'python3' } },
    };
    const settings = mergeGeminiSettings(existing, endpoint);
    expect(settings).toMatchObject({
      ui: { theme: 'Dark' },
      general: { vimMode: true, maxAttempts: 1, sessionRetention: { enabled: false } },
      security: { auth: { selectedType: 'gemini-api-key' } },
    });
    expect(settings['mcpServers']).toEqual({
      other: { command: 'x' },
      puffo: { httpUrl: endpoint.url, headers: { Authorization: 'Bearer $PUFFO_TOOL_TOKEN' }, trust: true },
    });
    expect(JSON.stringify(settings)).not.toContain(endpoint.token);
  });

  test('lose our tools when there are none to offer', () => {
    const settings = mergeGeminiSettings(mergeGeminiSettings({}, endpoint), undefined);
    expect(settings).not.toHaveProperty('mcpServers');
  });

  test('of the workspace lose the server that an older version wrote there, and nothing else', () => {
    const old = { mcpServers: { puffo: { command: 'python3' }, mine: { command: 'y' } }, tools: {} };
    expect(withoutOwnServer(old)).toEqual({ mcpServers: { mine: { command: 'y' } }, tools: {} });
    expect(withoutOwnServer({ mcpServers: { mine: {} } })).toBeUndefined();
    expect(withoutOwnServer({})).toBeUndefined();
  });
});

describe('a question of Gemini CLI', () => {
  const question = {
    call: { callId: 'call-1', name: 'mcp_other_tool', input: { a: 1 } },
    description: 'tool (other MCP Server)',
    options: [
      { optionId: 'proceed_always_server', kind: 'allow_always' },
      { optionId: 'proceed_always_tool', kind: 'allow_always' },
      { optionId: 'proceed_once', kind: 'allow_once' },
      { optionId: 'cancel', kind: 'reject_once' },
    ],
  };
  const signal = new AbortController().signal;

  const answers: readonly [string, AskPermission | undefined, string][] = [
    ['is denied when there is nobody to ask', undefined, 'cancel'],
    ['is denied when asking fails', () => Promise.reject(new Error('gone')), 'cancel'],
    ['is denied when the answer is no', () => Promise.resolve({ kind: 'deny', message: '' }), 'cancel'],
    ['is allowed once', () => Promise.resolve({ kind: 'allow', scope: 'once' }), 'proceed_once'],
    [
      'is allowed for the tool, not for all tools of its server',
      () => Promise.resolve({ kind: 'allow', scope: 'session' }),
      'proceed_always_tool',
    ],
  ];

  test.each(answers)('%s', async (_, ask, optionId) => {
    const { result, isDenied } = await answerQuestion(question, { ask, signal });
    expect(result).toEqual({ outcome: { outcome: 'selected', optionId } });
    expect(isDenied).toBe(optionId === 'cancel');
  });

  test('is given up with the turn, also when nobody ever decides', async () => {
    const abort = new AbortController();
    const answer = answerQuestion(question, { ask: () => new Promise(() => undefined), signal: abort.signal });
    abort.abort();
    expect(await answer).toEqual({ result: { outcome: { outcome: 'cancelled' } }, isDenied: true });
  });

  test('is not put to anybody when the turn has ended already', async () => {
    let count = 0;
    const ask: AskPermission = () => {
      count++;
      return Promise.resolve({ kind: 'allow', scope: 'once' });
    };
    expect((await answerQuestion(question, { ask, signal: AbortSignal.abort() })).isDenied).toBe(true);
    expect(count).toBe(0);
  });
});
