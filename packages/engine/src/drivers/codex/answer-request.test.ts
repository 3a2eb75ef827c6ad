import type { JsonObject } from '@puffo/base';
import { describe, expect, test } from 'vitest';
import type { PermissionDecision, PermissionRequest } from '../../spec/permission.ts';
import { answerRequest, type RequestContext } from './answer-request.ts';

const ONCE: PermissionDecision = { kind: 'allow', scope: 'once' };
const SESSION: PermissionDecision = { kind: 'allow', scope: 'session' };
const DENY: PermissionDecision = { kind: 'deny', message: 'No' };

async function answer(method: string, params: JsonObject, more: Partial<RequestContext> = {}) {
  return answerRequest(
    { id: 7, method, params },
    {
      askPermission: undefined,
      acceptsEdits: false,
      workspaceDir: '/agent/workspace',
      findItem: () => undefined,
      signal: new AbortController().signal,
      ...more,
    },
  );
}

function deciding(decision: PermissionDecision, asked: PermissionRequest[] = []): Partial<RequestContext> {
  return {
    async askPermission(request) {
      asked.push(request);
      return decision;
    },
  };
}

const COMMAND = {
  kind: 'command',
  itemId: 'call_1',
  command: 'rm x',
  cwd: '/w',
  reason: 'Because',
  environmentId: null,
};
const COMMAND_METHOD = 'item/commandExecution/requestApproval';

describe('a question about a command', () => {
  test.each([
    [ONCE, 'accept'],
    [SESSION, 'acceptForSession'],
    [DENY, 'decline'],
  ] as const)('that is answered with %o is answered with %s', async (decision, expected) => {
    expect(await answer(COMMAND_METHOD, COMMAND, deciding(decision))).toEqual({ decision: expected });
  });

  test('shows what it is about', async () => {
    const asked: PermissionRequest[] = [];
    await answer(COMMAND_METHOD, COMMAND, deciding(DENY, asked));
    const input = { command: 'rm x', cwd: '/w' };
    expect(asked).toEqual([{ requestId: 'call_1', toolName: 'shell', input, description: 'Because' }]);
  });

  test('shows that text goes into a program that runs', async () => {
    const asked: PermissionRequest[] = [];
    await answer(COMMAND_METHOD, { ...COMMAND, kind: 'writeStdin', approvalId: 'other' }, deciding(DENY, asked));
    expect(asked).toMatchObject([{ requestId: 'other', input: { kind: 'writeStdin' } }]);
  });

  test('is refused when nobody is there, and after its turn', async () => {
    expect(await answer(COMMAND_METHOD, COMMAND)).toEqual({ decision: 'decline' });
    const late = { ...deciding(ONCE), signal: AbortSignal.abort() };
    expect(await answer(COMMAND_METHOD, COMMAND, late)).toEqual({ decision: 'decline' });
  });
});

describe('a question about files, where edits are free', () => {
  const METHOD = 'item/fileChange/requestApproval';

  function change(path: string, kind: JsonObject = { type: 'add' }) {
    return { acceptsEdits: true, findItem: () => ({ changes: [{ path, kind, diff: '' }] }) };
  }

  test('is not asked in the workspace', async () => {
    expect(await answer(METHOD, { itemId: 'i' }, change('/agent/workspace/a/b.txt'))).toEqual({ decision: 'accept' });
  });

  test.each([
    ['outside', change('/agent/profile.md')],
    ['outside by detour', change('/agent/workspace/../profile.md')],
    ['in a neighbour with the same beginning', change('/agent/workspace2/a')],
    ['that moves', change('/agent/workspace/a', { type: 'update', move_path: '/etc/a' })],
    ['that nobody knows', { acceptsEdits: true }],
  ])('is asked about one %s', async (_, context) => {
    expect(await answer(METHOD, { itemId: 'i' }, context)).toEqual({ decision: 'decline' });
  });

  test('is asked about a whole folder', async () => {
    const params = { itemId: 'i', grantRoot: '/agent/workspace' };
    expect(await answer(METHOD, params, change('/agent/workspace/a'))).toEqual({ decision: 'decline' });
  });
});

describe('a question about more rights', () => {
  const params = { itemId: 'i', permissions: { network: { enabled: true }, fileSystem: null } };

  test('grants what was asked for, and not more', async () => {
    const granted = await answer('item/permissions/requestApproval', params, deciding(ONCE));
    expect(granted).toEqual({ permissions: { network: { enabled: true } }, scope: 'turn' });
  });

  test('grants nothing when it is denied', async () => {
    const granted = await answer('item/permissions/requestApproval', params);
    expect(granted).toEqual({ permissions: {}, scope: 'turn' });
  });
});

describe('a question of a tool server', () => {
  const METHOD = 'mcpServer/elicitation/request';
  const call = { codex_approval_kind: 'mcp_tool_call', tool_name: 'pay', tool_params: { sum: 5 } };

  test('is never asked about ours', async () => {
    expect(await answer(METHOD, { serverName: 'puffo', _meta: call })).toMatchObject({ action: 'accept' });
  });

  test('is asked about others, by turn and number', async () => {
    const asked: PermissionRequest[] = [];
    const params = { serverName: 'bank', turnId: 'turn', message: 'Allow it?', _meta: call };
    expect(await answer(METHOD, params, deciding(SESSION, asked))).toMatchObject({
      action: 'accept',
      _meta: { persist: 'session' },
    });
    expect(asked).toMatchObject([{ requestId: 'turn/7', toolName: 'mcp__bank__pay', input: { sum: 5 } }]);
  });

  test.each([
    ['a call that is denied', { serverName: 'bank', _meta: call }],
    ['a form for a person', { serverName: 'puffo', mode: 'form', _meta: null }],
    ['an address for a person', { serverName: 'bank', mode: 'url', url: 'http://x' }],
  ])('is declined for %s', async (_, params) => {
    expect(await answer(METHOD, params)).toMatchObject({ action: 'decline' });
  });
});

test('other questions have an answer only when there is a harmless one', async () => {
  expect(await answer('item/tool/requestUserInput', { questions: [] })).toEqual({ answers: {} });
  expect(await answer('account/chatgptAuthTokens/refresh', {})).toBeUndefined();
});
